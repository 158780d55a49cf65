-- Owners: records carry owner ids. A user without an owner owns nothing and is left out.
with given as (
  select
    id, email, first_name, last_name, active_user_id, created_at, updated_at,
    coalesce(archived, false) as is_archived, 1 as rank_no
  from owner
  where id is not null
  union all
  select
    id, email, first_name, last_name, cast(null as varchar) as active_user_id, created_at,
    updated_at, true as is_archived, 2 as rank_no
  from owner_archived
  where id is not null
),
numbered as (
  select g.*, row_number() over (partition by g.id order by g.rank_no) as place from given as g
),
-- where no owner has a user the loader does not tell
told as (
  select count(active_user_id) as users from owner
),
memberships as (
  select
    owner_id, team_id,
    row_number() over (
      partition by owner_id
      order by
        case when is_team_primary or lower(trim(membership)) = 'primary' then 0 else 1 end, team_id
    ) as place
  from owner_team
  where owner_id is not null and team_id is not null
)
select
  o.id,
  o.created_at,
  o.updated_at,
  coalesce(
    nullif(trim(coalesce(o.first_name, '') || ' ' || coalesce(o.last_name, '')), ''),
    nullif(lower(trim(o.email)), ''),
    '(none)'
  ) as name,
  nullif(lower(trim(o.email)), '') as email,
  not o.is_archived and (o.active_user_id is not null or t.users = 0) as is_active,
  nullif(trim(r.name), '') as role,
  coalesce(m.team_id, u.primary_team_id) as team_id
from numbered as o
cross join told as t
left join users as u on u.id = o.active_user_id
left join role as r on r.id = u.role_id
left join memberships as m on m.owner_id = o.id and m.place = 1
where o.place = 1
