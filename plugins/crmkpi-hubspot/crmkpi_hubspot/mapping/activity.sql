-- A meeting took place when it ended before the newest load, unless its outcome says otherwise. A
-- task is due at its timestamp. Of several associated records it is the one with the lowest id.
-- Older schemas of Fivetran keep owner and times in the table engagement.
with horizon as (
  select max(loaded_at) as now_at from engagement_meeting
),
links as (
  select engagement_id, min(contact_id) as contact_id, min(company_id) as company_id,
    min(deal_id) as deal_id, min(ticket_id) as ticket_id
  from (
    select engagement_id, contact_id, cast(null as varchar) as company_id,
      cast(null as varchar) as deal_id, cast(null as varchar) as ticket_id
    from engagement_contact
    union all
    select engagement_id, null as contact_id, company_id, null as deal_id, null as ticket_id
    from engagement_company
    union all
    select engagement_id, null as contact_id, null as company_id, deal_id, null as ticket_id
    from engagement_deal
    union all
    select engagement_id, null as contact_id, null as company_id, null as deal_id, ticket_id
    from ticket_engagement
  ) as l
  group by engagement_id
),
engagements as (
  select
    id, is_deleted, _fivetran_deleted, hs_createdate, updated_at, hs_timestamp, hubspot_owner_id,
    contact_id, company_id, deal_id, ticket_id, 'call' as activity_type, hs_call_title as subject,
    case lower(trim(hs_call_direction))
      when 'inbound' then 'inbound' when 'outbound' then 'outbound'
    end as direction,
    case
      when lower(trim(hs_call_status)) in ('canceled', 'cancelled') then 'cancelled'
      when lower(trim(hs_call_status)) in (
        'queued', 'ringing', 'connecting', 'calling_crm_user', 'in_progress'
      ) then 'open'
      else 'completed'
    end as status,
    case lower(trim(hs_call_disposition))
      when 'f240bbac-87c9-4f6e-bf70-924b57d47db7' then 'connected'
      when '9d9162e7-6cf3-4944-bf63-4dff82258764' then 'busy'
      when 'a4c4c377-d246-4b32-a13b-75a56a4cd0ff' then 'left live message'
      when 'b2cf5968-551e-4856-9783-52b3da59a7d0' then 'left voicemail'
      when '73a0d17f-1163-4015-bdd5-ec830791da20' then 'no answer'
      when '17b47fee-58de-441e-a44c-c6300d46f273' then 'wrong number'
      else nullif(trim(hs_call_disposition), '')
    end as outcome,
    cast(null as timestamp) as scheduled_at, cast(null as timestamp) as due_at,
    hs_timestamp as occurred_at, hs_timestamp as completed_at,
    cast(round(hs_call_duration / 1000) as bigint) as duration_seconds
  from engagement_call
  union all
  select
    id, is_deleted, _fivetran_deleted, hs_createdate, updated_at, hs_timestamp, hubspot_owner_id,
    contact_id, company_id, deal_id, ticket_id, 'email' as activity_type, hs_email_subject as subject,
    case lower(trim(hs_email_direction))
      when 'incoming_email' then 'inbound' when 'email' then 'outbound'
    end as direction,
    case
      when lower(trim(hs_email_status)) in ('scheduled', 'sending') then 'open'
      when lower(trim(hs_email_status)) = 'failed' then 'cancelled'
      else 'completed'
    end as status,
    nullif(lower(trim(hs_email_status)), '') as outcome, null as scheduled_at, null as due_at,
    hs_timestamp as occurred_at, hs_timestamp as completed_at, null as duration_seconds
  from engagement_email
  union all
  select
    m.id, m.is_deleted, m._fivetran_deleted, m.hs_createdate, m.updated_at, m.hs_timestamp,
    m.hubspot_owner_id, m.contact_id, m.company_id, m.deal_id, m.ticket_id,
    'meeting' as activity_type, m.hs_meeting_title as subject, null as direction,
    case
      when lower(trim(m.hs_meeting_outcome)) in ('canceled', 'cancelled', 'rescheduled', 'no_show')
        then 'cancelled'
      when lower(trim(m.hs_meeting_outcome)) = 'completed' then 'completed'
      when coalesce(m.hs_meeting_end_time, m.hs_meeting_start_time, m.hs_timestamp) <= h.now_at
        then 'completed'
      else 'open'
    end as status,
    nullif(lower(trim(m.hs_meeting_outcome)), '') as outcome,
    coalesce(m.hs_meeting_start_time, m.hs_timestamp) as scheduled_at, null as due_at,
    coalesce(m.hs_meeting_start_time, m.hs_timestamp) as occurred_at,
    coalesce(m.hs_meeting_end_time, m.hs_meeting_start_time, m.hs_timestamp) as completed_at,
    null as duration_seconds
  from engagement_meeting as m
  cross join horizon as h
  union all
  select
    id, is_deleted, _fivetran_deleted, hs_createdate, updated_at, hs_timestamp, hubspot_owner_id,
    contact_id, company_id, deal_id, ticket_id, 'task' as activity_type, hs_task_subject as subject,
    null as direction,
    case when lower(trim(hs_task_status)) = 'completed' then 'completed' else 'open' end as status,
    null as outcome, null as scheduled_at, hs_timestamp as due_at,
    coalesce(hs_task_completion_date, updated_at) as occurred_at,
    coalesce(hs_task_completion_date, updated_at) as completed_at, null as duration_seconds
  from engagement_task
  union all
  select
    id, is_deleted, _fivetran_deleted, hs_createdate, updated_at, hs_timestamp, hubspot_owner_id,
    contact_id, company_id, deal_id, ticket_id, 'note' as activity_type, null as subject,
    null as direction, 'completed' as status, null as outcome, null as scheduled_at, null as due_at,
    hs_timestamp as occurred_at, hs_timestamp as completed_at, null as duration_seconds
  from engagement_note
)
select
  e.id, coalesce(e.hs_createdate, g.created_at) as created_at, e.updated_at,
  coalesce(e.is_deleted, false) or coalesce(e._fivetran_deleted, false) as is_deleted,
  e.activity_type, e.direction, nullif(trim(e.subject), '') as subject, e.status, e.outcome,
  coalesce(e.hubspot_owner_id, g.owner_id) as owner_id,
  coalesce(e.company_id, l.company_id) as account_id,
  coalesce(e.contact_id, l.contact_id) as contact_id,
  p.id as lead_id,
  coalesce(e.deal_id, l.deal_id) as opportunity_id,
  coalesce(e.ticket_id, l.ticket_id) as ticket_id,
  e.scheduled_at, e.due_at,
  case when e.status = 'completed' then coalesce(e.occurred_at, g.engaged_at) end as occurred_at,
  case when e.status = 'completed' then coalesce(e.completed_at, g.engaged_at) end as completed_at,
  e.duration_seconds
from engagements as e
left join links as l on l.engagement_id = e.id
left join engagement as g on g.id = e.id
left join lead_contact as p on p.id = coalesce(e.contact_id, l.contact_id)
where e.id is not null
