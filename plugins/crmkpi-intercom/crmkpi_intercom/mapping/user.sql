-- Teammates. One who was removed stays as an inactive user: conversations keep his or her name.
with teams as (
  select a.admin_id, min(a.team_id) as team_id
  from team_admin as a
  inner join team as t on t.id = a.team_id
  where a.admin_id is not null and not coalesce(t._fivetran_deleted, false)
  group by a.admin_id
)
select
  a.id,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  not coalesce(a._fivetran_deleted, false) as is_active,
  nullif(trim(a.job_title), '') as role,
  t.team_id,
  not coalesce(a._fivetran_deleted, false) as is_licensed
from admin as a
left join teams as t on t.admin_id = a.id
where a.id is not null
