-- Targets for the first reply and for the whole resolution: the policy that was last applied before it
-- was done, in the version of then, for the priority of then. Both clocks start with the ticket; solving
-- it ends the wait for a first reply too. Whether the target was met is left to whoever compares:
-- Zendesk's own verdict is not in these tables.
with commented as (
  select
    c.ticket_id, c.created, c.public,
    case
      when c.user_id = t.requester_id then 'requester'
      when c.user_id = t.assignee_id or lower(trim(u.role)) in ('agent', 'admin') then 'agent'
      else 'other'
    end as author,
    coalesce(c.user_id = t.submitter_id, false) or coalesce(c.created <= t.created_at, false)
      as may_open,
    row_number() over (partition by c.ticket_id order by c.created, c.id) as place
  from ticket_comment as c
  inner join ticket as t on t.id = c.ticket_id
  left join "user" as u on u.id = c.user_id
  where c.created is not null and c.id is not null
),
ends as (
  select ticket_id, created as ended_at
  from commented
  where public and author = 'agent' and not (place = 1 and may_open)
  union all
  select ticket_id, updated as ended_at
  from ticket_field_history
  where lower(trim(field_name)) = 'status' and lower(trim(value)) in ('solved', 'closed')
),
replies as (
  select ticket_id, min(ended_at) as done_at from ends group by ticket_id
),
solves as (
  select h.ticket_id, max(h.updated) as done_at
  from ticket_field_history as h
  inner join ticket as t on t.id = h.ticket_id
  where lower(trim(h.field_name)) = 'status' and lower(trim(h.value)) = 'solved'
    and lower(trim(t.status)) in ('solved', 'closed')
  group by h.ticket_id
),
clocks as (
  select t.*, 'first_reply_time' as clock, r.done_at
  from ticket as t
  left join replies as r on r.ticket_id = t.id
  where t.id is not null and t.created_at is not null
  union all
  select t.*, 'total_resolution_time' as clock, s.done_at
  from ticket as t
  left join solves as s on s.ticket_id = t.id
  where t.id is not null and t.created_at is not null
),
applied as (
  select
    p.ticket_id as id, c.clock, c.done_at, c.created_at, c.priority, c.status, c._fivetran_deleted,
    p.sla_policy_id, p.policy_applied_at,
    row_number() over (
      partition by c.id, c.clock order by p.policy_applied_at desc, coalesce(p.sla_policy_id, '')
    ) as place
  from clocks as c
  inner join ticket_sla_policy as p on p.ticket_id = c.id
  where p.policy_applied_at is not null and (c.done_at is null or p.policy_applied_at <= c.done_at)
),
versions as (
  select
    a.id, a.clock, max(m.sla_policy_updated_at) as version_at
  from applied as a
  inner join sla_policy_metric_history as m on m.sla_policy_id = a.sla_policy_id
  where a.place = 1 and m.sla_policy_updated_at <= a.policy_applied_at
  group by a.id, a.clock
),
priorities as (
  select
    a.id, a.clock, lower(trim(h.value)) as priority,
    row_number() over (
      partition by a.id, a.clock order by h.updated desc, coalesce(h.audit_id, '') desc, h.value
    ) as place
  from applied as a
  inner join ticket_field_history as h on h.ticket_id = a.id
  where a.place = 1 and a.done_at is not null and h.updated <= a.done_at and h.value is not null
    and lower(trim(h.field_name)) = 'priority'
),
targets as (
  select
    sla_policy_id, sla_policy_updated_at, lower(trim(metric)) as clock,
    lower(trim(priority)) as priority, min(target) as target,
    max(case when business_hours then 1 else 0 end) as in_business_hours
  from sla_policy_metric_history
  where target > 0
  group by sla_policy_id, sla_policy_updated_at, lower(trim(metric)), lower(trim(priority))
),
scheduled as (
  select
    ticket_id, schedule_id,
    row_number() over (partition by ticket_id order by created_at desc, schedule_id) as place
  from ticket_schedule
  where created_at is not null
)
select
  a.id || '/' || a.clock as id,
  a.policy_applied_at as created_at,
  coalesce(a._fivetran_deleted, false) or coalesce(lower(trim(a.status)) = 'deleted', false)
    as is_deleted,
  a.id as ticket_id,
  case a.clock when 'first_reply_time' then 'first_reply' else 'resolution' end as metric,
  g.target as target_minutes,
  g.in_business_hours = 1 as is_business_hours,
  case when g.in_business_hours = 1 then w.schedule_id end as business_hours_id,
  a.created_at as applied_at,
  a.done_at as fulfilled_at,
  'active' as status
from applied as a
inner join versions as v on v.id = a.id and v.clock = a.clock
left join priorities as p on p.id = a.id and p.clock = a.clock and p.place = 1
inner join targets as g on g.sla_policy_id = a.sla_policy_id and g.clock = a.clock
  and g.sla_policy_updated_at = v.version_at
  and g.priority = coalesce(p.priority, lower(trim(a.priority)))
left join scheduled as w on w.ticket_id = a.id and w.place = 1
where a.place = 1
