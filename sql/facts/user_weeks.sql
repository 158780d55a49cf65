/*---
label: User weeks
grain: one row per user and week, from joining to leaving
time: week_date
needs: [user]
dimensions: {owner: User, team: Team, role: Role, profile: Licence, source: Source}
columns: {week_date: Week, logins: Logins, changes: Records created or changed, activities: Activities logged, last_seen_date: Last seen}
settings:
  adoption_weeks: {default: 160, about: weeks of adoption history}
questions:
  - "Who works in the CRM?"
  - "Where is training needed?"
---*/
-- Active: logged in, did something the audit log shows, or logged an activity in that week.
-- A seat counts as licensed unless the CRM says otherwise; licences have no history, so today's
-- holds for all weeks. Activities in the audit log are left to the activities. A source of whose
-- users nothing at all is logged has no rows, as nobody knows whether they work; and a count of what
-- a source logs of nobody is null.
with weeks as (
  select week_no, week_start
  from calendar
  where days_ago >= 0 and days_ago < 7 * $adoption_weeks
  group by week_no, week_start
),
deeds as (
  select user_id, logged_in_date as day, 1 as login, 0 as change, 0 as activity
  from user_login
  where status = 'success'
  union all
  select
    user_id,
    occurred_date as day,
    0 as login,
    case
      when action in ('create', 'update', 'delete')
        and lower(object_type) not in ('activity', 'task', 'event', 'call', 'email', 'meeting', 'note')
        then 1
      else 0
    end as change,
    0 as activity
  from crm_action
  union all
  select
    owner_id as user_id,
    coalesce(created_date, occurred_date, completed_date) as day,
    0 as login,
    0 as change,
    1 as activity
  from activity
  union all
  select u.id as user_id, u.last_login_date as day, 0 as login, 0 as change, 0 as activity
  from "user" as u
),
done as (
  select
    d.user_id,
    c.week_no,
    sum(d.login) as logins,
    sum(d.change) as changes,
    sum(d.activity) as activities,
    max(d.day) as last_seen_date
  from deeds as d
  inner join calendar as c on c.date_day = d.day
  where c.days_ago >= 0
  group by d.user_id, c.week_no
),
seen as (
  select
    user_id, min(week_no) as first_no, max(week_no) as last_no,
    sum(logins) as login_count, sum(changes) as change_count, sum(activities) as activity_count
  from done
  group by user_id
),
spans as (
  select
    u.id as user_id,
    u.name,
    u.team_id,
    u.role,
    u.profile,
    u.source_system,
    count(s.user_id) over (partition by u.source_system) as seen_users,
    sum(s.login_count) over (partition by u.source_system) as known_logins,
    sum(s.change_count) over (partition by u.source_system) as known_changes,
    sum(s.activity_count) over (partition by u.source_system) as known_activities,
    case when u.is_licensed is null or u.is_licensed then 1 else 0 end as is_licensed,
    least(
      coalesce(j.week_no, s.first_no, l.week_no, n.week_no),
      coalesce(s.first_no, j.week_no, l.week_no, n.week_no)
    ) as first_no,
    case
      when u.is_active then n.week_no
      else coalesce(l.week_no, s.last_no, j.week_no, n.week_no)
    end as last_no
  from "user" as u
  inner join calendar as n on n.days_ago = 0
  left join seen as s on s.user_id = u.id
  left join calendar as j on j.date_day = coalesce(u.created_date, u.hired_at)
  left join calendar as l on l.date_day = u.deactivated_date
),
counted as (
  select
    p.*,
    w.week_start,
    d.user_id as active_id,
    d.last_seen_date,
    case when p.known_logins > 0 then coalesce(d.logins, 0) end as logins,
    case when p.known_changes > 0 then coalesce(d.changes, 0) end as changes,
    case when p.known_activities > 0 then coalesce(d.activities, 0) end as activities,
    case
      when p.known_changes + p.known_activities > 0
        then coalesce(d.changes, 0) + coalesce(d.activities, 0)
    end as work_done
  from spans as p
  cross join weeks as w
  left join done as d on d.user_id = p.user_id and d.week_no = w.week_no
  where w.week_no >= p.first_no and w.week_no <= p.last_no and p.seen_users > 0
)
select
  p.user_id,
  p.week_start as week_date,
  p.name as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(p.role, '(none)') as role,
  coalesce(p.profile, '(none)') as profile,
  coalesce(p.source_system, '(none)') as source,
  p.is_licensed,
  case when p.active_id is not null then 1 else 0 end as is_active,
  case when p.active_id is not null then p.is_licensed else 0 end as is_active_licensed,
  p.logins,
  p.changes,
  p.activities,
  p.work_done,
  p.is_licensed * p.work_done as licensed_work_done,
  p.last_seen_date
from counted as p
left join team as m on m.id = p.team_id
