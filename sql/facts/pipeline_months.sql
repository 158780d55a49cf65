/*---
label: Pipeline by month
grain: one row per month and opportunity that was open at its end (the current month at today)
time: month_start
needs: [opportunity]
opens: {opportunity_id: opportunity}
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, lead_source: Lead source, pipeline: Pipeline, stage: Stage, opportunity_type: Type, deal_size: Deal size, currency: Currency}
columns: {opportunity_name: Opportunity, account_name: Account, amount: Amount, weighted_amount: Weighted amount, win_probability: Win probability, expected_close_date: Expected close}
measures:
  open_value: {label: Open, unit: money, sql: sum(amount)}
  weighted_value: {label: Weighted by win probability, unit: money, sql: sum(weighted_amount)}
settings:
  pipeline_months: {default: 36, about: months of the past for which the open pipeline is kept}
questions: ["How large is the open pipeline, and does it grow?", "What did it look like then?"]
---*/
-- Stage, amount and expected close as they stood then, from the history; as they are now where it
-- has no row for the day, but for the stage of a deal that has ended: where it was then is not known.
-- The amount then is converted at the rate of the deal, else of its currency. All months are weighted
-- by one rule, or a change of rule would look like a change of the pipeline: by the win rate of the
-- stage; where no closed deal has come through it, by the deals' own probability if it is known of
-- each such deal in each month, else by the probability of the stage.
with months as (
  select month_start, min(months_ago) as ago, max(date_day) as as_of_date
  from calendar
  where days_ago >= 0 and months_ago <= $pipeline_months
  group by month_start
),
deals as (
  select
    o.id as opportunity_id,
    o.status,
    o.stage_id,
    o.amount,
    o.amount_base,
    coalesce(o.currency, '(none)') as currency,
    o.probability,
    o.expected_close_date,
    o.created_date,
    case when o.status <> 'open' then coalesce(o.closed_date, o.expected_close_date) end as closed_date
  from opportunity as o
),
rates as (
  select currency, 1.0 * sum(amount_base) / nullif(sum(amount), 0) as rate
  from deals
  where amount > 0 and amount_base is not null
  group by currency
),
history as (
  select
    id, opportunity_id, stage_id, amount, expected_close_date, probability, changed_date, changed_at,
    case when field = 'stage' then 1 else 0 end as is_stage,
    case when valid_to <= changed_at then 0 else 1 end as is_standing
  from opportunity_history
  where changed_epoch is not null
),
changes as (
  select
    opportunity_id, stage_id, amount, expected_close_date, probability, changed_date,
    -- a history that has amounts says of a moment without one that there was none
    max(case when amount is null then 0 else 1 end) over (partition by opportunity_id) as has_amounts,
    coalesce(
      lead(changed_date) over (
        partition by opportunity_id order by changed_at, is_standing, is_stage, id
      ),
      date '2299-12-31'
    ) as until_date
  from history
),
open_months as (
  select
    d.opportunity_id,
    m.month_start,
    m.as_of_date,
    case when m.ago > 0 then m.as_of_date end as past_date
  from deals as d
  inner join months as m
    on (d.created_date <= m.as_of_date or (d.created_date is null and m.ago = 0))
    and ((d.status = 'open') or (m.ago > 0 and m.as_of_date < d.closed_date))
),
then_known as (
  select
    p.opportunity_id,
    p.month_start,
    p.as_of_date,
    d.currency,
    coalesce(h.stage_id, case when d.status = 'open' then d.stage_id end) as stage_id,
    coalesce(h.expected_close_date, d.expected_close_date) as expected_close_date,
    coalesce(
      h.probability, case when h.stage_id is null and d.status = 'open' then d.probability end
    ) as probability,
    case
      when h.amount is null then case when h.has_amounts = 1 then null else d.amount_base end
      when d.amount > 0 then h.amount * d.amount_base / d.amount
      else h.amount * r.rate
    end as amount_then
  from open_months as p
  inner join deals as d on d.opportunity_id = p.opportunity_id
  left join changes as h
    on h.opportunity_id = p.opportunity_id
    and h.changed_date <= p.past_date and p.past_date < h.until_date
  left join rates as r on r.currency = d.currency
),
weighed as (
  select
    k.*,
    s.name as stage,
    s.display_order as stage_order,
    b.win_rate,
    s.probability as stage_probability,
    max(
      case when b.win_rate is null and k.probability is null and s.id is not null then 1 else 0 end
    ) over () as is_by_stage
  from then_known as k
  left join stage as s on s.id = k.stage_id
  left join stage_benchmarks as b on b.stage_id = k.stage_id
  where s.is_closed is null or not s.is_closed
),
judged as (
  select
    w.*,
    case
      when w.win_rate is not null then w.win_rate
      when w.is_by_stage = 1 then w.stage_probability
      else w.probability
    end as win_probability
  from weighed as w
)
select
  k.month_start,
  k.as_of_date,
  k.opportunity_id,
  o.opportunity_name,
  o.account_name,
  o.owner,
  o.team,
  o.region,
  o.segment,
  o.industry,
  o.lead_source,
  o.pipeline,
  coalesce(k.stage, '(none)') as stage,
  k.stage_order,
  o.opportunity_type,
  o.deal_size,
  k.currency,
  k.expected_close_date,
  1 as is_open,
  k.amount_then as amount,
  k.win_probability,
  k.amount_then * k.win_probability as weighted_amount
from judged as k
inner join opportunities as o on o.opportunity_id = k.opportunity_id
