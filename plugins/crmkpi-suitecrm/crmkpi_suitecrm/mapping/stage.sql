-- SuiteCRM keeps its stages in a language file, not in the database. These are its own, with their
-- probabilities, and every other key that a deal is or was in. Open stages stand in the order of
-- their probability (of a company's own stages the mean of the deals in it). Closed Won and
-- Closed Lost are fixed keys of the application. Stages that were never used count as retired
-- once a company uses stages of its own.
with standard as (
  select 'Prospecting' as stage_key, 'Prospecting' as label, 10 as percent
  union all
  select 'Qualification' as stage_key, 'Qualification' as label, 20 as percent
  union all
  select 'Needs Analysis' as stage_key, 'Needs Analysis' as label, 25 as percent
  union all
  select 'Value Proposition' as stage_key, 'Value Proposition' as label, 30 as percent
  union all
  select 'Id. Decision Makers' as stage_key, 'Identifying Decision Makers' as label, 40 as percent
  union all
  select 'Perception Analysis' as stage_key, 'Perception Analysis' as label, 50 as percent
  union all
  select 'Proposal/Price Quote' as stage_key, 'Proposal/Price Quote' as label, 65 as percent
  union all
  select 'Negotiation/Review' as stage_key, 'Negotiation/Review' as label, 80 as percent
  union all
  select 'Closed Won' as stage_key, 'Closed Won' as label, 100 as percent
  union all
  select 'Closed Lost' as stage_key, 'Closed Lost' as label, 0 as percent
),
present as (
  select
    coalesce(nullif(trim(sales_stage), ''), '(none)') as stage_key,
    case when probability between 0 and 100 then probability end as percent
  from opportunities
  where id is not null
),
mentioned as (
  select stage_key, percent from present
  union all
  select trim(before_value_string) as stage_key, cast(null as double) as percent
  from opportunities_audit
  where lower(trim(field_name)) = 'sales_stage' and nullif(trim(before_value_string), '') is not null
  union all
  select trim(after_value_string) as stage_key, cast(null as double) as percent
  from opportunities_audit
  where lower(trim(field_name)) = 'sales_stage' and nullif(trim(after_value_string), '') is not null
),
used as (
  select stage_key, avg(mentioned.percent) as mean_percent from mentioned group by stage_key
),
own as (
  select count(*) as own_stages
  from used as u
  where u.stage_key <> '(none)'
    and not exists (select 1 from standard as s where s.stage_key = u.stage_key)
),
every_stage as (
  select
    s.stage_key, s.label, cast(s.percent as double) as percent,
    u.stage_key is not null or o.own_stages = 0 or lower(s.stage_key) in ('closed won', 'closed lost')
      as is_active
  from standard as s
  cross join own as o
  left join used as u on u.stage_key = s.stage_key
  union all
  select u.stage_key, u.stage_key as label, u.mean_percent as percent, u.stage_key <> '(none)' as is_active
  from used as u
  where not exists (select 1 from standard as s where s.stage_key = u.stage_key)
)
select
  stage_key as id,
  'default' as pipeline_id,
  label as name,
  'opportunity' as object_type,
  row_number() over (order by
    case lower(stage_key) when 'closed won' then 1 when 'closed lost' then 2 else 0 end,
    coalesce(percent, 0), stage_key
  ) as display_order,
  percent / 100.0 as probability,
  lower(stage_key) in ('closed won', 'closed lost') as is_closed,
  lower(stage_key) = 'closed won' as is_won,
  is_active
from every_stage
