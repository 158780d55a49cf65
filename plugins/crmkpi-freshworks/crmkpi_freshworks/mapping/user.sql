/*---
derived_without: [owner, desk_agent]
---*/
-- Airbyte has no stream of Freshsales' owners. Without the list of owners each id that owns a record
-- is a user whose name is not known. Agents of Freshdesk carry `desk-` before their id.
with ids as (
  select id from owner
  union
  select owner_id as id from account
  union
  select owner_id as id from contact
  union
  select owner_id as id from open_deal
  union
  select owner_id as id from won_deal
  union
  select owner_id as id from lost_deal
  union
  select owner_id as id from open_task
  union
  select owner_id as id from completed_task
  union
  select creater_id as id from past_appointment
  union
  select creater_id as id from upcoming_appointment
),
known as (
  select distinct nullif(trim(i.id), '') as id from ids as i
),
listed as (
  select
    o.*,
    row_number() over (partition by o.id order by o.display_name, o.email) as place
  from owner as o
  where o.id is not null
),
agents as (
  select
    a.*,
    row_number() over (partition by a.id order by a.updated_at desc, a.email) as place
  from desk_agent as a
  where a.id is not null
)
select
  k.id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  coalesce(nullif(trim(l.display_name), ''), nullif(lower(trim(l.email)), ''), 'User ' || k.id)
    as name,
  nullif(lower(trim(l.email)), '') as email,
  coalesce(l.is_active, true) as is_active,
  cast(null as varchar) as role,
  cast(null as boolean) as is_licensed,
  cast(null as timestamp) as last_login_at
from known as k
left join listed as l on l.id = k.id and l.place = 1
where k.id is not null
union all
select
  'desk-' || a.id as id,
  a.created_at as created_at,
  a.updated_at as updated_at,
  coalesce(nullif(trim(a.name), ''), nullif(lower(trim(a.email)), ''), 'Agent ' || a.id) as name,
  nullif(lower(trim(a.email)), '') as email,
  coalesce(a.active, true) as is_active,
  nullif(lower(trim(a.type)), '') as role,
  not coalesce(a.occasional, false) and coalesce(lower(trim(a.type)), '') <> 'collaborator'
    as is_licensed,
  a.last_login_at as last_login_at
from agents as a
where a.place = 1
