-- Agents and administrators of Support; who is no agent any more but has tickets stays as an inactive
-- one. Light agents (role type 1) and contributors (3) need no seat. Users of Sell get `sell-`.
with assignees as (
  select assignee_id from ticket where assignee_id is not null group by assignee_id
),
agents as (
  select u.*, lower(trim(u.role)) as kind, lower(trim(u.role)) in ('agent', 'admin') as is_agent
  from "user" as u
  left join assignees as a on a.assignee_id = u.id
  where u.id is not null and (lower(trim(u.role)) in ('agent', 'admin') or a.assignee_id is not null)
)
select
  a.id,
  a.created_at,
  a.updated_at,
  coalesce(a._fivetran_deleted, false) or coalesce(a.permanently_deleted, false) as is_deleted,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  nullif(lower(trim(a.email)), '') as email,
  coalesce(a.is_agent, false) and coalesce(a.active, true) and not coalesce(a.suspended, false)
    as is_active,
  nullif(a.kind, '') as role,
  a.default_group_id as team_id,
  cast(null as varchar) as manager_id,
  nullif(trim(a.iana_time_zone), '') as time_zone,
  coalesce(a.is_agent, false) and coalesce(a.active, true) and not coalesce(a.suspended, false)
    and coalesce(a.role_type, 0) not in (1, 3) as is_licensed,
  cast(null as timestamp) as deactivated_at,
  a.last_login_at
from agents as a
union all
select
  'sell-' || s.id as id,
  s.created_at,
  s.updated_at,
  false as is_deleted,
  coalesce(nullif(trim(s.name), ''), '(none)') as name,
  nullif(lower(trim(s.email)), '') as email,
  s.deleted_at is null and lower(coalesce(nullif(trim(s.status), ''), 'active')) = 'active'
    as is_active,
  nullif(lower(trim(s.role)), '') as role,
  'sell-' || nullif(trim(s.group_id), '') as team_id,
  'sell-' || nullif(trim(s.reports_to), '') as manager_id,
  case when s.timezone like '%/%' or upper(s.timezone) = 'UTC' then trim(s.timezone) end
    as time_zone,
  s.deleted_at is null and lower(coalesce(nullif(trim(s.status), ''), 'active')) = 'active'
    as is_licensed,
  s.deleted_at as deactivated_at,
  cast(null as timestamp) as last_login_at
from sell_user as s
where s.id is not null
