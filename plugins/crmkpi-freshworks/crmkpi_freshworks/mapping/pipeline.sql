/*---
derived_without: [deal_pipeline]
---*/
-- Without the list of pipelines, those that deals name.
with ids as (
  select id from deal_pipeline
  union
  select deal_pipeline_id as id from deal_stage
  union
  select deal_pipeline_id as id from open_deal
  union
  select deal_pipeline_id as id from won_deal
  union
  select deal_pipeline_id as id from lost_deal
),
known as (
  select distinct coalesce(nullif(trim(i.id), ''), '(none)') as id from ids as i
),
listed as (
  select
    p.*,
    row_number() over (partition by p.id order by p.name) as place
  from deal_pipeline as p
  where p.id is not null
)
select
  k.id,
  coalesce(nullif(trim(l.name), ''), case when k.id = '(none)' then k.id else 'Pipeline ' || k.id end)
    as name,
  'opportunity' as object_type,
  l.is_default,
  true as is_active
from known as k
left join listed as l on l.id = k.id and l.place = 1
