-- The team is the primary security group, else the first. Group mailboxes and portal users hold no seat.
with groups_of as (
  select
    j.user_id, j.securitygroup_id,
    row_number() over (
      partition by j.user_id order by case when j.primary_group then 0 else 1 end, g.name, g.id
    ) as place
  from securitygroups_users as j
  inner join securitygroups as g on g.id = j.securitygroup_id and not coalesce(g.deleted, false)
  where j.user_id is not null and not coalesce(j.deleted, false)
),
addresses as (
  select
    r.bean_id, a.email_address,
    row_number() over (
      partition by r.bean_id order by case when r.primary_address then 0 else 1 end, r.id, a.id
    ) as place
  from email_addr_bean_rel as r
  inner join email_addresses as a on a.id = r.email_address_id and not coalesce(a.deleted, false)
  where lower(trim(r.bean_module)) = 'users' and not coalesce(r.deleted, false)
)
select
  u.id,
  u.date_entered as created_at,
  u.date_modified as updated_at,
  coalesce(u.deleted, false) as is_deleted,
  coalesce(
    nullif(trim(trim(coalesce(u.first_name, '')) || ' ' || trim(coalesce(u.last_name, ''))), ''),
    nullif(trim(u.user_name), ''), '(none)'
  ) as name,
  nullif(lower(trim(e.email_address)), '') as email,
  coalesce(lower(trim(u.status)), 'active') = 'active' as is_active,
  nullif(trim(u.title), '') as role,
  case when u.is_admin then 'Administrator' else 'Regular User' end as profile,
  g.securitygroup_id as team_id,
  nullif(trim(u.reports_to_id), '') as manager_id,
  not (coalesce(u.is_group, false) or coalesce(u.portal_only, false)) as is_licensed,
  u.date_entered as hired_at
from users as u
left join groups_of as g on g.user_id = u.id and g.place = 1
left join addresses as e on e.bean_id = u.id and e.place = 1
where u.id is not null
