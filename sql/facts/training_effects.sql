/*---
label: Training effects
grain: one row per user and training finished, and one per user without that course for each course and week in which it was finished
time: week_date
needs: [user, training_completion]
dimensions: {course: Course, owner: User, team: Team, role: Role, training: Training}
columns: {week_date: Week of the training, adoption_before: Weeks active before, adoption_after: Weeks active after}
measures:
  adoption_effect: {label: Effect on adoption, unit: points, sql: "100.0 * ((sum(trained_active_after) - sum(trained_active_before)) / nullif(sum(trained_weeks), 0) - (sum(other_active_after) - sum(other_active_before)) / nullif(sum(other_weeks), 0))"}
  completeness_effect: {label: Effect on data completeness, unit: points, sql: "100.0 * (sum(trained_filled_after) / nullif(sum(trained_required_after), 0) - sum(trained_filled_before) / nullif(sum(trained_required_before), 0) - sum(other_filled_after) / nullif(sum(other_required_after), 0) + sum(other_filled_before) / nullif(sum(other_required_before), 0))"}
  trainings_compared: {label: Trainings compared, unit: count, sql: "coalesce(sum(is_trained), 0)"}
settings:
  training_weeks: {default: 8, about: weeks before and after a training that are compared}
questions: ["Does training change how people work in the CRM?"]
---*/
-- The week of the training is on neither side. Users are compared who were there with a licence in
-- all the weeks. The others of a course and week together weigh as much as those trained in it.
-- Records have no history: those created in the weeks count, as complete as they are today.
with this_week as (
  select week_no as now_no from calendar where days_ago = 0
),
finished as (
  select t.user_id, t.course, c.week_no as done_no
  from trainings as t
  inner join calendar as c on c.date_day = t.completed_date
),
fields as (
  select v.owner_id, c.week_no, sum(q.is_filled) as filled, sum(q.is_required) as required
  from record_quality as q
  inner join record_values as v on v.object = q.object and v.record_id = q.record_id
  inner join calendar as c on c.date_day = v.created_date
  group by v.owner_id, c.week_no
),
weekly as (
  select
    w.user_id, w.owner, w.team, w.role, w.week_date, c.week_no, w.is_active,
    coalesce(f.filled, 0) as filled, coalesce(f.required, 0) as required
  from user_weeks as w
  inner join calendar as c on c.date_day = w.week_date
  left join fields as f on f.owner_id = w.user_id and f.week_no = c.week_no
  where w.is_licensed = 1
),
running as (
  select
    w.*,
    sum(w.is_active) over (
      partition by w.user_id order by w.week_no rows between unbounded preceding and current row
    ) as active_so_far,
    sum(w.filled) over (
      partition by w.user_id order by w.week_no rows between unbounded preceding and current row
    ) as filled_so_far,
    sum(w.required) over (
      partition by w.user_id order by w.week_no rows between unbounded preceding and current row
    ) as required_so_far
  from weekly as w
),
events as (
  select distinct f.course, f.done_no
  from finished as f
  cross join this_week as n
  where f.done_no + $training_weeks < n.now_no
),
pairs as (
  select
    e.course, m.user_id, m.owner, m.team, m.role, m.week_date, m.week_no,
    case when f.done_no = e.done_no then 1 else 0 end as is_trained,
    m.active_so_far - m.is_active - s.active_so_far + s.is_active as active_before,
    l.active_so_far - m.active_so_far as active_after,
    m.filled_so_far - m.filled - s.filled_so_far + s.filled as filled_before,
    l.filled_so_far - m.filled_so_far as filled_after,
    m.required_so_far - m.required - s.required_so_far + s.required as required_before,
    l.required_so_far - m.required_so_far as required_after
  from events as e
  inner join running as m on m.week_no = e.done_no
  inner join running as s on s.user_id = m.user_id and s.week_no = m.week_no - $training_weeks
  inner join running as l on l.user_id = m.user_id and l.week_no = m.week_no + $training_weeks
  left join finished as f on f.user_id = m.user_id and f.course = e.course
  where f.done_no is null or f.done_no = e.done_no or f.done_no > e.done_no + $training_weeks
),
recorded as (
  select
    p.*, case when p.required_before > 0 and p.required_after > 0 then 1 else 0 end as has_fields
  from pairs as p
),
sides as (
  select
    r.*,
    sum(r.is_trained) over (partition by r.course, r.week_no) as trained,
    sum(1 - r.is_trained) over (partition by r.course, r.week_no) as others,
    sum(r.is_trained * r.has_fields) over (partition by r.course, r.week_no) as trained_recorded,
    sum((1 - r.is_trained) * r.has_fields) over (partition by r.course, r.week_no) as others_recorded
  from recorded as r
),
weighed as (
  select
    s.*,
    case
      when s.others = 0 then 0.0 when s.is_trained = 1 then 1.0
      else cast(s.trained as double) / nullif(s.others, 0)
    end as weight,
    case
      when s.has_fields = 0 or s.others_recorded = 0 then 0.0 when s.is_trained = 1 then 1.0
      else cast(s.trained_recorded as double) / nullif(s.others_recorded, 0)
    end as field_weight
  from sides as s
)
select
  w.user_id, w.course, w.owner, w.team, w.role, w.week_date,
  case when w.is_trained = 1 then 'trained' else 'not trained' end as training,
  w.active_before as adoption_before, w.active_after as adoption_after,
  case when w.weight > 0 then w.is_trained else 0 end as is_trained,
  w.is_trained * w.weight * $training_weeks as trained_weeks,
  w.is_trained * w.weight * w.active_before as trained_active_before,
  w.is_trained * w.weight * w.active_after as trained_active_after,
  (1 - w.is_trained) * w.weight * $training_weeks as other_weeks,
  (1 - w.is_trained) * w.weight * w.active_before as other_active_before,
  (1 - w.is_trained) * w.weight * w.active_after as other_active_after,
  w.is_trained * w.field_weight * w.required_before as trained_required_before,
  w.is_trained * w.field_weight * w.required_after as trained_required_after,
  w.is_trained * w.field_weight * w.filled_before as trained_filled_before,
  w.is_trained * w.field_weight * w.filled_after as trained_filled_after,
  (1 - w.is_trained) * w.field_weight * w.required_before as other_required_before,
  (1 - w.is_trained) * w.field_weight * w.required_after as other_required_after,
  (1 - w.is_trained) * w.field_weight * w.filled_before as other_filled_before,
  (1 - w.is_trained) * w.field_weight * w.filled_after as other_filled_after
from weighed as w
