/*---
label: Business-hours schedules
grain: one row per user or team that the profile or the CRM puts on a schedule of its own
time: created_date
needs: []
dimensions: {schedule: Schedule, holder_type: Of}
columns: {holder_name: User or team, created_date: Created}
questions: ["Whose hours count when a reply is timed?"]
---*/
-- A user's own schedule, by address before by name, comes before that of the team; who has none of
-- these works by 'default'.
with assigned as (
  select lower(for_user) as user_key, lower(for_team) as team_key, min(name) as schedule
  from business_hours
  where for_user is not null or for_team is not null
  group by lower(for_user), lower(for_team)
),
teams as (
  select m.id as team_id, m.name, m.created_date, a.schedule
  from team as m
  inner join assigned as a on a.team_key = lower(m.name)
),
users as (
  select
    u.id as user_id,
    u.name,
    u.created_date,
    coalesce(e.schedule, n.schedule, t.schedule) as schedule
  from "user" as u
  left join assigned as e on e.user_key = lower(u.email)
  left join assigned as n on n.user_key = lower(u.name)
  left join teams as t on t.team_id = u.team_id
)
select
  'user' as holder_type, user_id as holder_id, name as holder_name, created_date, schedule
from users
where schedule is not null
union all
select
  'team' as holder_type, team_id as holder_id, name as holder_name, created_date, schedule
from teams
