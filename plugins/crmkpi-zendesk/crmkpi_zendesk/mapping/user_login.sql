-- Sign-ins that the audit log has; for a user without one, the last that the user record knows.
with logins as (
  select id, actor_id, created_at
  from audit_log
  where lower(trim(action)) = 'login' and id is not null and actor_id is not null
    and created_at is not null
)
select
  l.id,
  l.created_at,
  l.actor_id as user_id,
  l.created_at as logged_in_at,
  'success' as status
from logins as l
inner join "user" as u on u.id = l.actor_id
where lower(trim(u.role)) in ('agent', 'admin')
union all
select
  'last-' || u.id as id,
  u.last_login_at as created_at,
  u.id as user_id,
  u.last_login_at as logged_in_at,
  'success' as status
from "user" as u
where u.id is not null and u.last_login_at is not null and lower(trim(u.role)) in ('agent', 'admin')
  and not exists (select 1 from logins as l where l.actor_id = u.id)
