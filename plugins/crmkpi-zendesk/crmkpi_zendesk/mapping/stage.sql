-- The category says what a stage means: won, lost and unqualified end a deal, archived puts it away.
with lost as (
  select count(*) as deals
  from sell_deal as d
  where not exists (select 1 from sell_stage as s where s.id = d.stage_id)
),
known as (
  select s.*, lower(trim(s.category)) as kind from sell_stage as s where s.id is not null
)
select
  k.id,
  k.created_at,
  k.updated_at,
  coalesce(k.pipeline_id, '(none)') as pipeline_id,
  coalesce(nullif(trim(k.name), ''), '(none)') as name,
  'opportunity' as object_type,
  coalesce(k.position, 99) as display_order,
  case when k.likelihood between 0 and 100 then k.likelihood / 100.0 end as probability,
  coalesce(k.kind in ('won', 'lost', 'unqualified', 'archived'), false) as is_closed,
  coalesce(k.kind = 'won', false) as is_won,
  coalesce(k.active, true) as is_active
from known as k
union all
select
  '(none)' as id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  '(none)' as pipeline_id,
  '(none)' as name,
  'opportunity' as object_type,
  999 as display_order,
  cast(null as double) as probability,
  false as is_closed,
  false as is_won,
  false as is_active
from lost
where lost.deals > 0
