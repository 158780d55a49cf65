/*---
label: Trainings
grain: one row per user and course
time: assigned_date
needs: [training_completion]
dimensions: {course: Course, owner: User, team: Team, role: Role, training_status: Status}
columns: {assigned_date: Assigned, completed_date: Completed, days_open: Days open, score: Score, next_action: Next action}
questions:
  - "Who has finished the training, and who has not?"
---*/
-- A course taken again is one row: finished when finished once.
with taken as (
  select
    user_id,
    course,
    min(coalesce(c.assigned_date, c.created_date, c.completed_date)) as assigned_date,
    min(c.completed_date) as completed_date,
    max(c.score) as score
  from training_completion as c
  group by user_id, course
)
select
  t.user_id,
  t.course,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(u.role, '(none)') as role,
  t.assigned_date,
  t.completed_date,
  t.score,
  case when t.completed_date is null then 'open' else 'finished' end as training_status,
  case when t.completed_date is null then 0 else 1 end as is_finished,
  case when t.completed_date is null then 1 else 0 end as is_unfinished,
  case when t.completed_date is null then c.days_ago end as days_open,
  case when t.completed_date is null then 'Finish the course' else '(none)' end as next_action
from taken as t
left join "user" as u on u.id = t.user_id
left join team as m on m.id = u.team_id
left join calendar as c on c.date_day = t.assigned_date
