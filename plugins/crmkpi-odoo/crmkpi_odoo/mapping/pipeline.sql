-- A pipeline is a sales team; opportunities of none are in `(none)`.
with used as (
  select coalesce(nullif(trim(team_id), ''), '(none)') as id from crm_lead
  union
  select team_id as id from crm_stage where nullif(trim(team_id), '') is not null
)
select
  id,
  create_date as created_at,
  write_date as updated_at,
  coalesce(nullif(trim(label), ''), '(none)') as name,
  'opportunity' as object_type,
  coalesce(active, true) as is_active,
  sequence as display_order
from crm_team
where id is not null
union all
select
  u.id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  case when u.id = '(none)' then u.id else '(team ' || u.id || ')' end as name,
  'opportunity' as object_type,
  u.id = '(none)' as is_active,
  cast(null as bigint) as display_order
from used as u
where not exists (select 1 from crm_team as t where t.id = u.id)
