/*---
label: Changes of close dates
grain: one row per change of the expected close date of an open opportunity
time: changed_date
needs: [opportunity, opportunity_history]
opens: {opportunity_id: opportunity}
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, lead_source: Lead source, pipeline: Pipeline, stage: Stage, opportunity_type: Type, deal_size: Deal size, currency: Currency, status: Status, direction: Direction}
columns: {opportunity_name: Opportunity, account_name: Account, amount: Amount, changed_date: Changed, close_date_before: Close date before, close_date_after: Close date after, days_moved: Days moved, push_no: How many pushes by then}
measures:
  pushed_deals: {label: Deals with a push, unit: count, sql: count(distinct case when is_push = 1 then opportunity_id end)}
  days_pushed: {label: Days pushed, unit: days, sql: sum(case when is_push = 1 then days_moved end)}
  pulls: {label: Close dates pulled in, unit: count, sql: "coalesce(sum(is_pull), 0)"}
questions: ["Whose close dates cannot be relied on?", "How often was the deal pushed?"]
---*/
-- A push moves the expected close date to a later day, a pull to an earlier one; each change counts,
-- back and forth too. Changes of one moment are one: the date after them is compared with the date
-- before. What is changed as or after the deal closes is none: CRMs then put the day of closing there.
-- The first date of a deal, and one that was taken away, is no move.
with history as (
  select
    h.opportunity_id, h.changed_at, h.changed_date, h.changed_epoch, h.stage_id, h.expected_close_date,
    case when s.is_closed then 1 else 0 end as is_closed_stage,
    row_number() over (
      partition by h.opportunity_id, h.changed_at
      order by case when h.valid_to <= h.changed_at then 0 else 1 end desc,
        case when h.field = 'stage' then 1 else 0 end desc, h.id desc
    ) as from_last
  from opportunity_history as h
  left join stage as s on s.id = h.stage_id
  where h.changed_epoch is not null
),
moments as (
  select
    opportunity_id, changed_at, changed_date, changed_epoch, stage_id, is_closed_stage, expected_close_date as date_after,
    lag(expected_close_date) over (partition by opportunity_id order by changed_at) as date_before
  from history
  where from_last = 1
),
moves as (
  select
    m.opportunity_id, m.changed_at, m.changed_date, m.stage_id, m.date_before, m.date_after,
    case when m.date_after > m.date_before then 1 else 0 end as is_push
  from moments as m
  inner join opportunity as o on o.id = m.opportunity_id
  where m.date_after <> m.date_before
    and m.is_closed_stage = 0
    and (o.status = 'open' or o.closed_epoch is null or m.changed_epoch < o.closed_epoch)
)
select
  m.opportunity_id,
  o.opportunity_name,
  o.account_name,
  o.person_id,
  o.owner,
  o.team,
  o.region,
  o.segment,
  o.industry,
  o.lead_source,
  o.pipeline,
  coalesce(s.name, '(none)') as stage,
  o.opportunity_type,
  o.deal_size,
  o.currency,
  o.status,
  o.amount,
  m.changed_date,
  m.date_before as close_date_before,
  m.date_after as close_date_after,
  a.day_no - b.day_no as days_moved,
  case when m.is_push = 1 then 'later' else 'earlier' end as direction,
  m.is_push,
  1 - m.is_push as is_pull,
  sum(m.is_push) over (
    partition by m.opportunity_id order by m.changed_at rows between unbounded preceding and current row
  ) as push_no
from moves as m
inner join opportunities as o on o.opportunity_id = m.opportunity_id
left join stage as s on s.id = m.stage_id
left join calendar as a on a.date_day = m.date_after
left join calendar as b on b.date_day = m.date_before
