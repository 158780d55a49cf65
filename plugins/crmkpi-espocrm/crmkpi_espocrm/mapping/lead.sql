-- The first response is the first outbound call or meeting that was held with the lead, or email
-- sent to it. Old versions keep no time of conversion: then it is that of the last change.
with touches as (
  select parent_id as lead_id, date_start as touched_at
  from calls
  where lower(trim(parent_type)) = 'lead' and lower(trim(direction)) = 'outbound'
    and lower(trim(status)) = 'held' and not coalesce(deleted, false)
  union all
  select j.lead_id as lead_id, c.date_start as touched_at
  from call_lead as j
  inner join calls as c on c.id = j.call_id
  where lower(trim(c.direction)) = 'outbound' and lower(trim(c.status)) = 'held'
    and not coalesce(c.deleted, false) and not coalesce(j.deleted, false)
  union all
  select parent_id as lead_id, date_start as touched_at
  from meeting
  where lower(trim(parent_type)) = 'lead' and lower(trim(status)) = 'held'
    and not coalesce(deleted, false)
  union all
  select j.lead_id as lead_id, m.date_start as touched_at
  from lead_meeting as j
  inner join meeting as m on m.id = j.meeting_id
  where lower(trim(m.status)) = 'held' and not coalesce(m.deleted, false)
    and not coalesce(j.deleted, false)
  union all
  select parent_id as lead_id, date_sent as touched_at
  from email
  where lower(trim(parent_type)) = 'lead' and lower(trim(status)) = 'sent'
    and not coalesce(is_system, false) and not coalesce(deleted, false)
),
answered as (
  select l.id as lead_id, min(t.touched_at) as first_response_at
  from lead as l
  inner join touches as t on t.lead_id = l.id
  where t.touched_at >= l.created_at
  group by l.id
),
marked as (
  select l.*, coalesce(lower(trim(l.status)) = 'converted', false) as is_conversion from lead as l
)
select
  m.id,
  m.created_at,
  m.modified_at as updated_at,
  coalesce(m.deleted, false) as is_deleted,
  nullif(trim(m.account_name), '') as company_name,
  nullif(trim(m.first_name), '') as first_name,
  nullif(trim(m.last_name), '') as last_name,
  nullif(lower(trim(e.address)), '') as email,
  nullif(trim(p.phone), '') as phone,
  nullif(trim(m.assigned_user_id), '') as owner_id,
  nullif(trim(m.status), '') as status,
  nullif(trim(m.status), '') as status_label,
  nullif(trim(m.source), '') as lead_source,
  nullif(trim(m.campaign_id), '') as campaign_id,
  case when length(trim(m.address_country)) = 2 then upper(trim(m.address_country)) end as country_code,
  nullif(trim(m.industry), '') as industry,
  a.first_response_at,
  case when m.is_conversion then coalesce(m.converted_at, m.modified_at) end as converted_at,
  case when m.is_conversion then nullif(trim(m.created_account_id), '') end as converted_account_id,
  case when m.is_conversion then nullif(trim(m.created_contact_id), '') end as converted_contact_id,
  case when m.is_conversion then nullif(trim(m.created_opportunity_id), '') end
    as converted_opportunity_id
from marked as m
left join primary_address as e on e.entity_id = m.id and e.kind = 'lead'
left join primary_phone as p on p.entity_id = m.id and p.kind = 'lead'
left join answered as a on a.lead_id = m.id
where m.id is not null
