/*---
label: Viewers of records
grain: one row per owner of records and person who sees them
time: first_date
needs: [user.email]
dimensions: {owner: Owner}
columns: {viewer: Viewer}
settings:
  team_managers: {default: [''], about: 'who sees all of a team, as `team|e-mail`, lower case; `access.managers` of the profile fills it'}
questions: ["Whose records does somebody see?"]
---*/
-- Somebody sees the records of users with the same e-mail address, of those whose manager they are,
-- up to six levels down, and of the teams they are named for. Records name their owner by name: a
-- name that somebody else bears too, whom the viewer may not see, is not shown at all.
with people as (
  select
    u.id,
    u.name,
    u.manager_id,
    u.created_date,
    lower(trim(u.email)) as email,
    lower(trim(t.name)) as team
  from "user" as u
  left join team as t on t.id = u.team_id
),
above as (
  select
    p.id,
    p.name,
    p.email as level_0,
    a.email as level_1,
    b.email as level_2,
    c.email as level_3,
    d.email as level_4,
    e.email as level_5,
    f.email as level_6
  from people as p
  left join people as a on a.id = p.manager_id
  left join people as b on b.id = a.manager_id
  left join people as c on c.id = b.manager_id
  left join people as d on d.id = c.manager_id
  left join people as e on e.id = d.manager_id
  left join people as f on f.id = e.manager_id
),
pairs as (
  select id, name, level_0 as viewer from above
  union
  select id, name, level_1 as viewer from above
  union
  select id, name, level_2 as viewer from above
  union
  select id, name, level_3 as viewer from above
  union
  select id, name, level_4 as viewer from above
  union
  select id, name, level_5 as viewer from above
  union
  select id, name, level_6 as viewer from above
  union
  select p.id, p.name, m.email as viewer
  from people as p
  inner join people as m on p.team || '|' || m.email in $team_managers
),
visible as (
  select viewer, name, count(*) as users
  from pairs
  where viewer <> ''
  group by viewer, name
),
namesakes as (
  select name, count(*) as users, min(created_date) as first_date from people group by name
)
select v.viewer, v.name as owner, n.first_date
from visible as v
inner join namesakes as n on n.name = v.name and n.users = v.users
