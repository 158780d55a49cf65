-- Stage, owner and priority of tickets over time (Fivetran's property history). A change made in
-- HubSpot's own pages or apps is an agent's; workflows, imports and integrations are the system.
with stages as (
  select
    stage_id,
    max(case when is_closed then 1 else 0 end) as is_closed,
    max(case when lower(trim(label)) = 'waiting on contact' then 1 else 0 end) as is_pending,
    max(case when lower(trim(label)) = 'new' then 1 else 0 end) as is_new
  from ticket_stage_place
  group by stage_id
),
told as (
  select
    h.ticket_id, h.changed_at, h.value_id, lower(trim(h.source)) as source,
    case lower(trim(h.name))
      when 'hs_pipeline_stage' then 'status'
      when 'hubspot_owner_id' then 'assignee'
      else 'priority'
    end as event_type,
    case
      when lower(trim(h.name)) <> 'hs_pipeline_stage' then nullif(trim(h.value_id), '')
      when s.is_closed = 1 then 'closed'
      when s.is_pending = 1 then 'pending'
      when s.is_new = 1 then 'new'
      else 'open'
    end as new_value
  from ticket_property_history as h
  left join stages as s on s.stage_id = trim(h.value_id)
  where h.ticket_id is not null and h.changed_at is not null
    and lower(trim(h.name)) in ('hs_pipeline_stage', 'hubspot_owner_id', 'hs_ticket_priority')
),
compared as (
  select
    t.*,
    row_number() over (
      partition by ticket_id, event_type
      order by changed_at, coalesce(value_id, ''), coalesce(source, '')
    ) as place,
    lag(new_value) over (
      partition by ticket_id, event_type
      order by changed_at, coalesce(value_id, ''), coalesce(source, '')
    ) as old_value
  from told as t
)
select
  ticket_id || '/' || event_type || '/' || cast(place as varchar) as id,
  changed_at as created_at,
  ticket_id,
  changed_at as occurred_at,
  case
    when source in ('crm_ui', 'crm_ui_bulk_action', 'mobile_ios', 'mobile_android', 'conversations')
      then 'agent'
    else 'system'
  end as actor_type,
  event_type,
  old_value,
  new_value
from compared
