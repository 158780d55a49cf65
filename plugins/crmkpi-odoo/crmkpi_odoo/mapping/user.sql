-- Users of the back office: those of the portal (`share`) are customers. The team is the first one
-- a user is a member of, the manager its leader.
with members as (
  select
    user_id,
    crm_team_id,
    row_number() over (partition by user_id order by length(id), id) as place
  from crm_team_member
  where coalesce(active, true) and user_id is not null
),
logins as (
  select create_uid, max(create_date) as last_login from res_users_log group by create_uid
)
select
  u.id,
  u.create_date as created_at,
  u.write_date as updated_at,
  coalesce(u.share, false) as is_deleted,
  coalesce(nullif(trim(p.name), ''), nullif(trim(u.login), ''), '(none)') as name,
  nullif(lower(trim(coalesce(nullif(trim(p.email), ''), u.login))), '') as email,
  coalesce(u.active, true) as is_active,
  m.crm_team_id as team_id,
  case when t.user_id <> u.id then t.user_id end as manager_id,
  nullif(trim(p.tz), '') as time_zone,
  coalesce(u.active, true) as is_licensed,
  u.create_date as hired_at,
  l.last_login as last_login_at
from res_users as u
left join res_partner as p on p.id = u.partner_id
left join members as m on m.user_id = u.id and m.place = 1
left join crm_team as t on t.id = m.crm_team_id
left join logins as l on l.create_uid = u.id
where u.id is not null
