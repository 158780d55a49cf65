-- Satisfaction, good or bad: one answer per ticket, the last. The ratings and the changes of the ticket
-- tell the same; the changes have the times. Without them an offer that was answered has no time left.
with rated as (
  select
    r.*, lower(trim(r.score)) as label,
    row_number() over (
      partition by ticket_id
      order by case when lower(trim(score)) like 'good%' or lower(trim(score)) like 'bad%' then 0 else 1 end,
        case when coalesce(updated_at, created_at) is null then 1 else 0 end,
        coalesce(updated_at, created_at) desc, id desc
    ) as place
  from satisfaction_rating as r
  where ticket_id is not null and lower(trim(score)) <> 'unoffered'
),
offers as (
  select ticket_id, min(created_at) as offered_at
  from rated
  where label = 'offered'
  group by ticket_id
),
changed as (
  select
    ticket_id, updated, lower(trim(field_name)) as field_name, value, lower(trim(value)) as label,
    row_number() over (
      partition by ticket_id, lower(trim(field_name)),
        case when lower(trim(value)) in ('offered', 'unoffered') then 1 else 0 end
      order by updated desc, coalesce(audit_id, '') desc, coalesce(value, '') desc
    ) as place
  from ticket_field_history
  where ticket_id is not null and updated is not null
    and lower(trim(field_name)) in ('satisfaction_score', 'satisfaction_comment')
),
told as (
  select
    ticket_id,
    min(case when field_name = 'satisfaction_score' and label = 'offered' then updated end)
      as offered_at,
    max(case
      when field_name = 'satisfaction_score' and place = 1 and (label like 'good%' or label like 'bad%')
        then updated
    end) as responded_at,
    max(case
      when field_name = 'satisfaction_score' and place = 1 and (label like 'good%' or label like 'bad%')
        then label
    end) as label,
    max(case when field_name = 'satisfaction_comment' and place = 1 then value end) as remark
  from changed
  group by ticket_id
),
asked as (
  select ticket_id from rated
  union all
  select ticket_id from told where label is not null or offered_at is not null
),
tickets as (
  select ticket_id from asked group by ticket_id
),
answers as (
  select
    a.ticket_id,
    case
      when h.label like 'good%' then 'good'
      when h.label like 'bad%' then 'bad'
      when r.label like 'good%' then 'good'
      when r.label like 'bad%' then 'bad'
    end as answer,
    coalesce(h.offered_at, o.offered_at) as sent_at,
    case when h.label is not null then h.responded_at else coalesce(r.updated_at, r.created_at) end
      as answered_at,
    coalesce(nullif(trim(r.comment), ''), nullif(trim(h.remark), '')) as remark
  from tickets as a
  left join rated as r on r.ticket_id = a.ticket_id and r.place = 1
  left join offers as o on o.ticket_id = a.ticket_id
  left join told as h on h.ticket_id = a.ticket_id
)
select
  a.ticket_id as id,
  coalesce(a.sent_at, a.answered_at) as created_at,
  coalesce(t._fivetran_deleted, false) or coalesce(lower(trim(t.status)) = 'deleted', false)
    as is_deleted,
  'csat' as survey_type,
  case a.answer when 'good' then 1 when 'bad' then 0 end as score,
  0 as scale_min,
  1 as scale_max,
  case a.answer when 'good' then 100 when 'bad' then 0 end as normalized_score,
  case a.answer when 'good' then 'satisfied' when 'bad' then 'dissatisfied' end as category,
  case when a.answer is not null then a.remark end as comment,
  t.organization_id as account_id,
  case when coalesce(lower(trim(u.role)), 'end-user') not in ('agent', 'admin') then t.requester_id end
    as contact_id,
  a.ticket_id,
  t.assignee_id as agent_id,
  a.sent_at,
  case when a.answer is not null then a.answered_at end as responded_at
from answers as a
left join ticket as t on t.id = a.ticket_id
left join "user" as u on u.id = t.requester_id
