-- EspoCRM keeps its stages in metadata files, not in the database. These are its own, with their
-- probabilities, and every other key that a deal is or was in. Open stages stand in the order of
-- their probability (of a company's own stages the mean of the deals in it). Closed Won and
-- Closed Lost are EspoCRM's own keys. Stages that were never used count as retired once a company
-- uses stages of its own.
with standard as (
  select 'Prospecting' as stage_key, 10 as percent
  union all
  select 'Qualification' as stage_key, 20 as percent
  union all
  select 'Proposal' as stage_key, 50 as percent
  union all
  select 'Negotiation' as stage_key, 80 as percent
  union all
  select 'Closed Won' as stage_key, 100 as percent
  union all
  select 'Closed Lost' as stage_key, 0 as percent
),
mentioned as (
  select stage_key, case when probability between 0 and 100 then probability end as percent
  from deal_state
  where id is not null
  union all
  select first_stage as stage_key, cast(null as double) as percent from deal_note
  union all
  select new_stage as stage_key, cast(null as double) as percent from deal_note
  union all
  select was_stage as stage_key, cast(null as double) as percent from deal_note
  union all
  select became_stage as stage_key, cast(null as double) as percent from deal_note
),
used as (
  select m.stage_key, avg(m.percent) as mean_percent
  from mentioned as m
  where m.stage_key is not null
  group by m.stage_key
),
own as (
  select count(*) as own_stages
  from used as u
  where u.stage_key <> '(none)'
    and not exists (select 1 from standard as s where s.stage_key = u.stage_key)
),
every_stage as (
  select
    s.stage_key, cast(s.percent as double) as percent,
    u.stage_key is not null or o.own_stages = 0 or lower(s.stage_key) in ('closed won', 'closed lost')
      as is_active
  from standard as s
  cross join own as o
  left join used as u on u.stage_key = s.stage_key
  union all
  select u.stage_key, u.mean_percent as percent, u.stage_key <> '(none)' as is_active
  from used as u
  where not exists (select 1 from standard as s where s.stage_key = u.stage_key)
)
select
  stage_key as id,
  'default' as pipeline_id,
  stage_key as name,
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
