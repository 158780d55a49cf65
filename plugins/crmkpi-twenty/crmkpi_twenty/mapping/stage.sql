-- The options of the field `stage` are not in the workspace's tables: these are Twenty's own, and every
-- other value that a deal has or had, in the order of their names after Twenty's. CUSTOMER is won,
-- and so are WON and CLOSED_WON; LOST and CLOSED_LOST are lost. Stages that were never used count as
-- retired once a workspace uses open stages of its own.
with standard as (
  select 'NEW' as stage_key, 'New' as label, 1 as place
  union all
  select 'SCREENING' as stage_key, 'Screening' as label, 2 as place
  union all
  select 'MEETING' as stage_key, 'Meeting' as label, 3 as place
  union all
  select 'PROPOSAL' as stage_key, 'Proposal' as label, 4 as place
  union all
  select 'CUSTOMER' as stage_key, 'Customer' as label, 900 as place
),
used as (
  select coalesce(nullif(trim(stage), ''), '(none)') as stage_key from opportunity where id is not null
  union
  select trim(stage_before) as stage_key
  from timeline_activity
  where lower(trim(name)) = 'opportunity.updated' and nullif(trim(stage_before), '') is not null
  union
  select trim(stage_after) as stage_key
  from timeline_activity
  where lower(trim(name)) = 'opportunity.updated' and nullif(trim(stage_after), '') is not null
),
own as (
  select
    u.stage_key,
    upper(u.stage_key) in ('WON', 'CLOSED_WON') as is_won,
    upper(u.stage_key) in ('WON', 'CLOSED_WON', 'LOST', 'CLOSED_LOST') as is_closed,
    row_number() over (order by u.stage_key) as place
  from used as u
  where not exists (select 1 from standard as s where s.stage_key = u.stage_key)
),
own_open as (
  select count(*) as stages from own where not is_closed and stage_key <> '(none)'
),
every_stage as (
  select
    s.stage_key, s.label, s.place, s.stage_key = 'CUSTOMER' as is_closed, s.stage_key = 'CUSTOMER' as is_won,
    u.stage_key is not null or o.stages = 0 as is_active
  from standard as s
  cross join own_open as o
  left join used as u on u.stage_key = s.stage_key
  union all
  select
    stage_key, stage_key as label,
    case when stage_key = '(none)' then 0 when is_won then 900 when is_closed then 950 else 10 end + place as place,
    is_closed, is_won, stage_key <> '(none)' as is_active
  from own
)
select
  stage_key as id,
  'default' as pipeline_id,
  label as name,
  'opportunity' as object_type,
  row_number() over (order by case when stage_key = '(none)' then 0 else 1 end, place, stage_key) as display_order,
  is_closed,
  is_won,
  is_active
from every_stage
