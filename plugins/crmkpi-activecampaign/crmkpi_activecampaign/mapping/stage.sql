-- A deal that is won or lost stays in its stage: its status tells. So each pipeline gets a stage for
-- won and one for lost. Open deals whose stage is not known are in the stage `<pipeline>/none`.
with pipelines as (
  select id from deal_groups where id is not null
  union
  select coalesce(group_id, 'default') as id from deals
),
every_stage as (
  select
    s.id, coalesce(s.group_id, 'default') as pipeline_id, coalesce(nullif(trim(s.title), ''), '(none)') as name,
    coalesce(s.position, 900) as display_order, 'open' as outcome, s.cdate, s.udate
  from deal_stages as s
  inner join pipelines as p on p.id = coalesce(s.group_id, 'default')
  where s.id is not null
  union all
  select
    p.id || '/none' as id, p.id as pipeline_id, '(none)' as name, 999 as display_order, 'open' as outcome,
    cast(null as timestamp) as cdate, cast(null as timestamp) as udate
  from pipelines as p
  union all
  select
    p.id || '/won' as id, p.id as pipeline_id, 'Won' as name, 1000 as display_order, 'won' as outcome,
    cast(null as timestamp) as cdate, cast(null as timestamp) as udate
  from pipelines as p
  union all
  select
    p.id || '/lost' as id, p.id as pipeline_id, 'Lost' as name, 1001 as display_order, 'lost' as outcome,
    cast(null as timestamp) as cdate, cast(null as timestamp) as udate
  from pipelines as p
)
select
  id,
  cdate as created_at,
  udate as updated_at,
  pipeline_id,
  name,
  'opportunity' as object_type,
  display_order,
  outcome <> 'open' as is_closed,
  outcome = 'won' as is_won,
  id <> pipeline_id || '/none' as is_active
from every_stage
