-- Tasks and appointments number on their own: the ids say which. An appointment counts as held when
-- it ended before the newest sync; where that is not known, when it is among the past ones.
with tasks as (
  select t.*, 'open' as list_name from open_task as t
  union all
  select c.*, 'completed' as list_name from completed_task as c
),
newest_tasks as (
  select
    t.*,
    row_number() over (
      partition by t.id order by t.updated_at desc, t.list_name, t.completed_date desc, t.title
    ) as place
  from tasks as t
  where t.id is not null
),
appointments as (
  select p.*, 'past' as list_name from past_appointment as p
  union all
  select u.*, 'upcoming' as list_name from upcoming_appointment as u
),
newest_appointments as (
  select
    a.*,
    row_number() over (
      partition by a.id order by a.updated_at desc, a.list_name, a.end_date desc, a.title
    ) as place
  from appointments as a
  where a.id is not null
),
horizon as (
  select max(extracted_at) as now_at from appointments
),
targets as (
  select 'task-' || task_id as activity_id, type, id from open_task_target
  union all
  select 'task-' || task_id as activity_id, type, id from completed_task_target
  union all
  select 'appointment-' || appointment_id as activity_id, type, id from past_appointment_target
  union all
  select 'appointment-' || appointment_id as activity_id, type, id from upcoming_appointment_target
  union all
  select 'task-' || id as activity_id, targetable_type as type, targetable_id as id from tasks
  union all
  select 'appointment-' || id as activity_id, targetable_type as type, targetable_id as id
  from appointments
),
about as (
  select
    t.activity_id,
    min(case when lower(trim(t.type)) = 'salesaccount' then nullif(trim(t.id), '') end)
      as account_id,
    min(case when lower(trim(t.type)) = 'contact' then nullif(trim(t.id), '') end) as contact_id,
    min(case when lower(trim(t.type)) = 'deal' then nullif(trim(t.id), '') end) as opportunity_id
  from targets as t
  group by t.activity_id
),
people as (
  select
    c.id,
    coalesce(nullif(trim(c.sales_account_id), ''), nullif(trim(c.first_account_id), ''))
      as account_id,
    row_number() over (partition by c.id order by c.updated_at desc, c.sales_account_id) as place
  from contact as c
  where c.id is not null
),
outcomes as (
  select x.id, min(x.name) as name from activity_outcome as x group by x.id
),
both_kinds as (
  select
    'task-' || t.id as id,
    t.created_at, t.updated_at, 'task' as activity_type, t.title, t.outcome_id, t.owner_id,
    case
      when trim(t.status) = '1' or t.completed_date is not null then 'completed'
      when trim(t.status) = '0' then 'open'
      when t.list_name = 'completed' then 'completed'
      else 'open'
    end as status,
    cast(null as timestamp) as scheduled_at,
    t.due_date as due_at,
    t.completed_date as occurred_at,
    coalesce(t.completed_date, t.updated_at) as completed_at
  from newest_tasks as t
  where t.place = 1
  union all
  select
    'appointment-' || a.id as id,
    a.created_at, a.updated_at, 'meeting' as activity_type, a.title, a.outcome_id,
    a.creater_id as owner_id,
    case
      when coalesce(a.end_date, a.from_date) <= h.now_at then 'completed'
      when h.now_at is null and a.list_name = 'past' then 'completed'
      else 'open'
    end as status,
    a.from_date as scheduled_at,
    cast(null as timestamp) as due_at,
    a.from_date as occurred_at,
    coalesce(a.end_date, a.from_date) as completed_at
  from newest_appointments as a
  cross join horizon as h
  where a.place = 1
)
select
  k.id,
  k.created_at,
  k.updated_at,
  k.activity_type,
  nullif(trim(k.title), '') as subject,
  k.status,
  nullif(trim(o.name), '') as outcome,
  nullif(trim(k.owner_id), '') as owner_id,
  coalesce(b.account_id, p.account_id) as account_id,
  b.contact_id,
  b.opportunity_id,
  k.scheduled_at,
  k.due_at,
  case when k.status = 'completed' or k.activity_type = 'meeting' then k.occurred_at end
    as occurred_at,
  case when k.status = 'completed' then k.completed_at end as completed_at
from both_kinds as k
left join about as b on b.activity_id = k.id
left join people as p on p.id = b.contact_id and p.place = 1
left join outcomes as o on o.id = k.outcome_id
