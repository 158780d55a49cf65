/*---
label: Opportunities
grain: one row per opportunity
time: closed_date
needs: [opportunity]
opens: {opportunity_id: opportunity}
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, lead_source: Lead source, campaign: Campaign, pipeline: Pipeline, stage: Stage, step: Step, last_stage: Last open stage, status: Status, opportunity_type: Type, loss_reason: Loss reason, competitor: Competitor, forecast_category: Forecast category, deal_size: Deal size, currency: Currency}
columns: {opportunity_name: Opportunity, account_name: Account, amount: Amount, weighted_amount: Weighted amount, win_probability: Win probability, created_date: Created, expected_close_date: Expected close, closed_date: Closed, pipeline_date: Closed or today, first_contact_date: First contact, cycle_days: Sales cycle (days), next_step: Next step, next_activity_date: Next activity, last_activity_date: Last activity, days_since_activity: Days since activity, days_in_stage: Days in stage, days_overdue: Days past expected close, unconverted_amount: Amount without a rate, problem: What is wrong, next_action: Next action}
measures:
  won_value: {label: Won, unit: money, sql: sum(won_amount)}
  won_deals: {label: Won deals, unit: count, sql: "coalesce(sum(is_won), 0)"}
  open_deals: {label: Open deals, unit: count, sql: "coalesce(sum(is_open), 0)"}
  open_value: {label: Open amount, unit: money, sql: sum(open_amount)}
  weighted_value: {label: Weighted amount, unit: money, sql: sum(weighted_amount)}
  undriven_deals: {label: Open deals nobody drives, unit: count, sql: sum(is_open) - sum(is_with_next_step)}
  faulty_deals: {label: Records to correct, unit: count, sql: "coalesce(sum(is_wrong_stage), 0)"}
  unconverted_deals: {label: Deals without a rate, unit: count, sql: "coalesce(sum(is_unconverted), 0)"}
  unconverted_value: {label: Amount in that currency, unit: number, sql: sum(unconverted_amount)}
settings:
  stalled_days: {default: 14, about: days without activity after which an open deal is stalled}
  small_deal: {default: 10000, about: amount in reporting currency below which a deal is small}
  large_deal: {default: 50000, about: amount in reporting currency from which a deal is large}
questions: ["How often do we win?", "Which open deals need help?", "Why do we lose?"]
---*/
with today as (
  select date_day as today_date from calendar where days_ago = 0
),
deals as (
  select
    o.id as opportunity_id,
    case when o.status = 'open' then 1 else 0 end as is_open,
    case when o.status = 'won' then 1 else 0 end as is_won,
    case when o.status = 'lost' then 1 else 0 end as is_lost,
    o.amount_base as amount,
    case when o.amount <> 0 and o.amount_base is null then o.amount end as unconverted_amount,
    coalesce(o.lead_source, l.lead_source, '(none)') as lead_source,
    coalesce(o.opportunity_type, '(none)') as opportunity_type,
    nullif(o.loss_reason, '') as loss_reason,
    p.pipeline_id, p.last_stage, p.days_in_stage, p.usual_days, p.win_probability,
    p.is_with_proposal_stage, p.is_past_proposal, p.is_stage_out_of_pipeline,
    f.closed_date, f.first_contact_date, f.last_activity_date, f.next_activity_date,
    f.elapsed_days, f.quiet_days, f.late_days,
    f.is_first_win
  from opportunity as o
  left join opportunity_progress as p on p.opportunity_id = o.id
  left join opportunity_timing as f on f.opportunity_id = o.id
  left join lead as l on l.id = o.source_lead_id
),
flagged as (
  select
    d.*,
    case when d.is_open = 1 and d.next_activity_date is not null then 1 else 0 end as is_with_next_step,
    case
      when d.is_open = 1 and (d.days_in_stage > d.usual_days or d.quiet_days > $stalled_days) then 1
      else 0
    end as is_stalled,
    case
      when d.is_stage_out_of_pipeline = 1 then 'stage is not in its pipeline'
      when d.is_open = 1 and d.late_days > 0 then 'expected close date has passed'
      when d.is_won = 1 and coalesce(d.amount, d.unconverted_amount, 0) = 0 then 'won without an amount'
      when d.is_lost = 1 and d.loss_reason is null then 'lost without a reason'
      when d.unconverted_amount is not null then 'currency without a rate'
    end as problem
  from deals as d
)
select
  d.opportunity_id,
  o.name as opportunity_name,
  h.person_id,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(a.name, '(none)') as account_name,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry,
  d.lead_source,
  coalesce(k.name, '(none)') as campaign,
  coalesce(i.name, '(none)') as pipeline,
  coalesce(s.name, '(none)') as stage,
  s.display_order as stage_order,
  coalesce(case when s.display_order < 10 then '0' else '' end || cast(s.display_order as varchar) || ' ' || s.name, '(none)') as step,
  d.last_stage,
  o.status,
  d.opportunity_type,
  case
    when d.is_lost = 1 then coalesce(d.loss_reason, '(no reason given)')
    else '(not lost)'
  end as loss_reason,
  coalesce(o.competitor, '(none)') as competitor,
  coalesce(o.forecast_category, s.forecast_category, 'pipeline') as forecast_category,
  case
    when d.amount is null then '(no amount)'
    when d.amount < $small_deal then '1 small'
    when d.amount < $large_deal then '2 medium'
    else '3 large'
  end as deal_size,
  coalesce(o.currency, '(none)') as currency,
  o.created_date,
  o.expected_close_date,
  d.closed_date,
  case when d.is_open = 1 then t.today_date else d.closed_date end as pipeline_date,
  d.first_contact_date,
  d.last_activity_date,
  d.next_activity_date,
  o.next_step,
  d.amount,
  case when d.is_open = 1 then d.win_probability else 1.0 * d.is_won end as win_probability,
  d.is_open,
  d.is_won,
  d.is_lost,
  1 - d.is_open as is_closed,
  case when d.is_open = 1 then d.amount end as open_amount,
  case when d.is_open = 1 then d.amount * d.win_probability end as weighted_amount,
  case when d.is_won = 1 then d.amount end as won_amount,
  case when d.is_lost = 1 then d.amount end as lost_amount,
  case when d.is_open = 0 then d.amount end as closed_amount,
  case when d.is_won = 1 and d.amount is not null then 1 else 0 end as is_won_with_amount,
  case when d.is_won = 1 and d.elapsed_days >= 0 then d.elapsed_days end as cycle_days,
  case when d.is_won = 1 and d.elapsed_days < 0 then 1 else 0 end as is_cycle_fault,
  case
    when d.is_first_win = 1 and d.opportunity_type not in ('expansion', 'renewal')
      then coalesce(nullif(o.arr_amount_base, 0), d.amount)
  end as net_new_amount,
  d.is_past_proposal, d.is_with_proposal_stage, d.is_with_next_step,
  d.days_in_stage,
  case when d.is_open = 1 then d.quiet_days end as days_since_activity,
  d.is_stalled,
  case when d.is_open = 1 and d.late_days > 0 then d.late_days else 0 end as days_overdue,
  case when d.is_open = 1 and d.late_days > 0 then 1 else 0 end as is_overdue,
  d.problem,
  case when coalesce(d.problem, 'currency without a rate') = 'currency without a rate' then 0 else 1 end as is_wrong_stage,
  case when d.problem is null then 0 else 1 end as is_to_correct,
  case when d.unconverted_amount is null then 0 else 1 end as is_unconverted, d.unconverted_amount,
  case
    when d.problem = 'expected close date has passed' then 'Agree a new close date, or close the deal as lost'
    when d.problem = 'currency without a rate' then crm_say('Add the exchange rate of {1}', o.currency)
    when d.problem = 'stage is not in its pipeline' then 'Correct the record: stage is not in its pipeline'
    when d.problem = 'won without an amount' then 'Correct the record: won without an amount'
    when d.problem = 'lost without a reason' then 'Correct the record: lost without a reason'
    when d.is_open = 0 then '(none)'
    when d.is_with_next_step = 0 then 'Plan the next call, meeting or task with a date'
    when d.is_stalled = 1 then 'Call the buyer; ask what stands in the way'
    else 'Carry out the planned next step'
  end as next_action
from flagged as d
inner join opportunity as o on o.id = d.opportunity_id
cross join today as t
left join stage as s on s.id = o.stage_id
left join pipeline as i on i.id = d.pipeline_id
left join "user" as u on u.id = o.owner_id
left join people as h on h.user_id = o.owner_id
left join team as m on m.id = u.team_id
left join account as a on a.id = o.account_id
left join campaign as k on k.id = o.campaign_id
