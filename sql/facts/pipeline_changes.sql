/*---
label: Pipeline changes
grain: one row per opportunity, period and kind of change, for each period type
time: period_start
needs: [opportunity, opportunity_history]
opens: {opportunity_id: opportunity}
pick: {period_type: month}
dimensions: {period_type: Period type, change_kind: Change, owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, lead_source: Lead source, pipeline: Pipeline, stage: Stage, opportunity_type: Type, deal_size: Deal size, currency: Currency}
columns: {opportunity_name: Opportunity, account_name: Account, period_end: Period end, is_complete: Period is over, is_latest: Last period that is over, pipeline_amount: Amount, amount_before: Amount before, amount_after: Amount after, close_date_before: Close date before, close_date_after: Close date after, pushes: Pushes of the close date}
measures:
  pipeline_amount_value: {label: Amount, unit: money, sql: sum(pipeline_amount)}
  changed_deals: {label: Deals, unit: count, sql: count(distinct opportunity_id)}
  start_value: {label: Open at the start, unit: money, sql: sum(start_amount)}
  end_value: {label: Open at the end, unit: money, sql: sum(end_amount)}
settings:
  pipeline_change_months: {default: 36, about: months of the past for which changes of the pipeline are kept}
questions: ["Why did the pipeline change?", "Which deals were pushed out of the period?"]
---*/
-- The pipeline of a period: open deals expected to close in it, by the close date known at the moment
-- (Salesforce Pipeline Inspection, Clari, Gong). Its start and its end are compared, net per deal, so
-- 01 to 10 add up to 11. Open deals come in from a later date or none (pulled in), from one before the
-- period (pushed in, after Gong), from a closed stage (reopened) or are new (created), with the amount
-- at the end; increased and decreased are of deals in it at the start; pushed out is out of the period,
-- with the amount at the start, whatever the new date. Overdue deals stay in the period they were
-- expected in, and are pushed into another by a new date, or when they close: what is won or lost in a
-- period is of it, with the amount at the close. Unknown amounts count nothing. Owner, team, segment
-- are those of now, so all adds up in each. The running period is to date, its window is whole.
with months as (
  select
    month_no, month_start, quarter_start, year_start, max(date_day) as last_day, max(days_ago) as begun_ago,
    case when min(days_ago) > 0 then 1 else 0 end as is_over
  from calendar
  where months_ago < $pipeline_change_months and months_ago > -12
  group by month_no, month_start, quarter_start, year_start
),
periods as (  -- numbered, so that deals are grouped by one integer
  select
    'month' as period_type, month_start as period_start, last_day as period_end, is_over as is_complete,
    month_no - 1 as from_no, month_no as to_no, month_no as period_no, month_no as first_no, month_no as last_no
  from months
  where begun_ago >= 0
  union all
  select
    'quarter', quarter_start, max(last_day), min(is_over), min(month_no) - 1,
    max(case when begun_ago >= 0 then month_no end), max(month_no) + 200000, min(month_no), max(month_no)
  from months group by quarter_start having count(*) = 3 and max(begun_ago) >= 0
  union all
  select
    'year', year_start, max(last_day), min(is_over), min(month_no) - 1,
    max(case when begun_ago >= 0 then month_no end), max(month_no) + 300000, min(month_no), max(month_no)
  from months group by year_start having count(*) = 12 and max(begun_ago) >= 0
),
spans as (
  select p.period_no, p.to_no, m.month_no
  from months as m
  cross join periods as p
  where m.month_no >= p.first_no and m.month_no <= p.last_no
),
boundaries as (
  select
    s.opportunity_id, p.period_no, 1 as is_open_before, 0 as is_new, 0 as is_open_after, 0 as is_closed,
    0 as is_final, 0 as is_won, s.amount as start_amount, s.expected_close_date as start_date,
    cast(null as double) as end_amount, cast(null as date) as end_date, cast(null as varchar) as end_stage_id
  from opportunity_months as s
  inner join periods as p on p.from_no = s.month_no
  where s.is_open = 1
  union all
  select
    e.opportunity_id, p.period_no, 0, 0, e.is_open, 1 - e.is_open, e.is_ended, e.is_won,
    cast(null as double), cast(null as date), e.amount, e.expected_close_date, e.stage_id
  from opportunity_months as e
  inner join spans as p on p.month_no = e.month_no
  where p.month_no = p.to_no or e.is_ended = 1
  union all
  select
    n.opportunity_id, p.period_no, 0, 1, 0, 0, 0, 0,
    cast(null as double), cast(null as date), cast(null as double), cast(null as date), cast(null as varchar)
  from opportunity_months as n
  inner join spans as p on p.month_no = n.month_no
  where n.is_begun = 1
),
compared as (
  select
    b.opportunity_id, b.period_no, max(b.is_open_before) as was_open, max(b.is_new) as is_created,
    max(b.is_open_after) as is_still_open, max(b.is_won) as is_deal_won,
    case
      when max(b.is_closed) = 0 then 0
      else max(case when b.is_open_before + b.is_new + b.is_final > 0 then 1 else 0 end)
    end as is_decided,
    max(b.start_amount) as amount_before, max(b.start_date) as close_date_before,
    max(b.end_amount) as amount_after, max(b.end_date) as close_date_after, max(b.end_stage_id) as stage_id
  from boundaries as b
  group by b.opportunity_id, b.period_no
),
placed as (
  select
    c.*, p.period_type, p.period_start, p.period_end, p.is_complete,
    case when p.period_no = max(case when p.is_complete = 1 then p.period_no end)
      over (partition by p.period_type) then 1 else 0 end as is_latest,
    case when c.close_date_before >= p.period_start and c.close_date_before <= p.period_end
      then 1 else 0 end as is_start,
    case when c.is_still_open = 1 and c.close_date_after >= p.period_start
      and c.close_date_after <= p.period_end then 1 else 0 end as is_end
  from compared as c
  inner join periods as p on p.period_no = c.period_no
),
steps as (
  select 'start' as step union all select 'within' union all select 'end'
),
changes as (
  select
    p.*, k.step,
    case
      when k.step = 'start' then case when p.is_start = 1 then '01 open at the start' end
      when k.step = 'end' then case
        when p.is_decided = 1 then case when p.is_deal_won = 1 then '10 won' else '09 lost' end
        when p.is_end = 1 then '11 open at the end'
        else '08 pushed out'
      end
      when p.is_end + p.is_decided = 0 then null
      when p.is_start = 1 then case
        when coalesce(p.amount_after, 0) > coalesce(p.amount_before, 0) then '06 increased'
        when coalesce(p.amount_after, 0) < coalesce(p.amount_before, 0) then '07 decreased'
      end
      when p.was_open = 0 then case when p.is_created = 1 then '02 created' else '03 reopened' end
      when p.close_date_before < p.period_start then '05 pushed in'
      else '04 pulled in'
    end as change_kind
  from placed as p
  cross join steps as k
  where p.is_start + p.is_end + p.is_decided > 0
),
signed as (
  select
    c.*,
    case
      when c.step = 'start' then c.amount_before
      when c.change_kind in ('06 increased', '07 decreased')
        then floor((coalesce(c.amount_after, 0) - coalesce(c.amount_before, 0)) * 100 + 0.5) / 100.0
      when c.change_kind = '08 pushed out' then -c.amount_before
      when c.change_kind in ('09 lost', '10 won') then -c.amount_after
      else c.amount_after
    end as pipeline_amount
  from changes as c
  where c.change_kind is not null
),
pushed as (
  select d.opportunity_id, p.period_no, sum(d.is_push) as pushes
  from close_date_changes as d
  inner join calendar as c on c.date_day = d.changed_date
  inner join spans as p on p.month_no = c.month_no
  group by d.opportunity_id, p.period_no
)
select
  c.period_type, c.period_start, c.period_end, c.is_complete, c.is_latest, c.change_kind,
  c.opportunity_id, o.opportunity_name, o.account_name, o.person_id, o.owner, o.team, o.region, o.segment,
  o.industry, o.lead_source, o.pipeline, coalesce(s.name, '(none)') as stage, o.opportunity_type,
  o.deal_size, o.currency, c.amount_before, c.amount_after, c.close_date_before, c.close_date_after,
  coalesce(d.pushes, 0) as pushes,
  c.pipeline_amount,
  case when c.step = 'start' then c.pipeline_amount end as start_amount,
  case when c.change_kind = '11 open at the end' then c.pipeline_amount end as end_amount,
  case when c.step = 'within' or c.change_kind in ('08 pushed out', '09 lost') then c.pipeline_amount end as change_amount
from signed as c
inner join opportunities as o on o.opportunity_id = c.opportunity_id
left join stage as s on s.id = c.stage_id
left join pushed as d on d.opportunity_id = c.opportunity_id and d.period_no = c.period_no
