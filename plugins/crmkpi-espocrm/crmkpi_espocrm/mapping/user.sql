-- The team is the default one, else the first. Users of a portal or of the API, and the system's own,
-- hold no seat.
with teams as (
  select
    j.user_id, t.id as team_id,
    row_number() over (partition by j.user_id order by t.name, t.id) as place
  from team_user as j
  inner join team as t on t.id = j.team_id and not coalesce(t.deleted, false)
  where j.user_id is not null and not coalesce(j.deleted, false)
)
select
  u.id,
  u.created_at,
  u.modified_at as updated_at,
  coalesce(u.deleted, false) as is_deleted,
  coalesce(
    nullif(trim(trim(coalesce(u.first_name, '')) || ' ' || trim(coalesce(u.last_name, ''))), ''),
    nullif(trim(u.user_name), ''), '(none)'
  ) as name,
  nullif(lower(trim(e.address)), '') as email,
  coalesce(u.is_active, true) as is_active,
  nullif(trim(u.title), '') as role,
  nullif(lower(trim(u.type)), '') as profile,
  coalesce(nullif(trim(u.default_team_id), ''), t.team_id) as team_id,
  coalesce(lower(trim(u.type)), 'regular') not in ('portal', 'api', 'system')
    as is_licensed,
  u.created_at as hired_at
from users as u
left join teams as t on t.user_id = u.id and t.place = 1
left join primary_address as e on e.entity_id = u.id and e.kind = 'user'
where u.id is not null
