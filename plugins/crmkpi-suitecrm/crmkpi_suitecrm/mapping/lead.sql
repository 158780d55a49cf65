-- Converted is the flag, or the status of that key. It was converted when its status became so
-- (audit), else when its opportunity was made, else at its last change. The first response is the
-- first outbound call or meeting that was held with the lead, or email sent to it.
with addresses as (
  select
    r.bean_id, a.email_address,
    row_number() over (
      partition by r.bean_id order by case when r.primary_address then 0 else 1 end, r.id, a.id
    ) as place
  from email_addr_bean_rel as r
  inner join email_addresses as a on a.id = r.email_address_id and not coalesce(a.deleted, false)
  where lower(trim(r.bean_module)) = 'leads' and not coalesce(r.deleted, false)
),
touches as (
  select parent_id as lead_id, date_start as touched_at
  from calls
  where lower(trim(parent_type)) = 'leads' and lower(trim(direction)) = 'outbound'
    and lower(trim(status)) = 'held' and not coalesce(deleted, false)
  union all
  select j.lead_id as lead_id, c.date_start as touched_at
  from calls_leads as j
  inner join calls as c on c.id = j.call_id
  where lower(trim(c.direction)) = 'outbound' and lower(trim(c.status)) = 'held'
    and not coalesce(c.deleted, false) and not coalesce(j.deleted, false)
  union all
  select parent_id as lead_id, date_start as touched_at
  from meetings
  where lower(trim(parent_type)) = 'leads' and lower(trim(status)) = 'held'
    and not coalesce(deleted, false)
  union all
  select j.lead_id as lead_id, m.date_start as touched_at
  from meetings_leads as j
  inner join meetings as m on m.id = j.meeting_id
  where lower(trim(m.status)) = 'held' and not coalesce(m.deleted, false)
    and not coalesce(j.deleted, false)
  union all
  select parent_id as lead_id, date_sent_received as touched_at
  from emails
  where lower(trim(parent_type)) = 'leads' and lower(trim(type)) = 'out'
    and lower(trim(status)) <> 'send_error' and not coalesce(deleted, false)
  union all
  select j.bean_id as lead_id, e.date_sent_received as touched_at
  from emails_beans as j
  inner join emails as e on e.id = j.email_id
  where lower(trim(j.bean_module)) = 'leads' and lower(trim(e.type)) = 'out'
    and lower(trim(e.status)) <> 'send_error' and not coalesce(e.deleted, false)
    and not coalesce(j.deleted, false)
),
answered as (
  select l.id as lead_id, min(t.touched_at) as first_response_at
  from leads as l
  inner join touches as t on t.lead_id = l.id
  where t.touched_at >= l.date_entered
  group by l.id
),
conversions as (
  select parent_id as lead_id, max(date_created) as converted_at
  from leads_audit
  where lower(trim(field_name)) = 'status' and lower(trim(after_value_string)) = 'converted'
  group by parent_id
),
made as (
  select id, min(date_entered) as made_at from opportunities group by id
),
custom_fields as (
  select id_c, max(lead_score_c) as lead_score from leads_cstm group by id_c
),
marked as (
  select
    l.*,
    lower(trim(coalesce(l.status, ''))) as label,
    coalesce(l.converted, false) or lower(trim(coalesce(l.status, ''))) = 'converted' as is_conversion
  from leads as l
)
select
  m.id,
  m.date_entered as created_at,
  m.date_modified as updated_at,
  coalesce(m.deleted, false) as is_deleted,
  nullif(trim(m.account_name), '') as company_name,
  nullif(trim(m.first_name), '') as first_name,
  nullif(trim(m.last_name), '') as last_name,
  nullif(lower(trim(e.email_address)), '') as email,
  coalesce(nullif(trim(m.phone_work), ''), nullif(trim(m.phone_mobile), '')) as phone,
  nullif(trim(m.assigned_user_id), '') as owner_id,
  case when m.is_conversion then 'converted' else m.label end as status,
  nullif(trim(m.status), '') as status_label,
  nullif(trim(m.lead_source), '') as lead_source,
  nullif(trim(m.campaign_id), '') as campaign_id,
  c.lead_score,
  case when length(trim(m.primary_address_country)) = 2 then upper(trim(m.primary_address_country)) end
    as country_code,
  a.first_response_at,
  case when m.is_conversion then coalesce(v.converted_at, o.made_at, m.date_modified) end
    as converted_at,
  case when m.is_conversion then nullif(trim(m.account_id), '') end as converted_account_id,
  case when m.is_conversion then nullif(trim(m.contact_id), '') end as converted_contact_id,
  case when m.is_conversion then nullif(trim(m.opportunity_id), '') end
    as converted_opportunity_id,
  case when m.label in ('dead', 'recycled') and not m.is_conversion
    then nullif(trim(m.status_description), '') end as disqualified_reason
from marked as m
left join addresses as e on e.bean_id = m.id and e.place = 1
left join answered as a on a.lead_id = m.id
left join conversions as v on v.lead_id = m.id
left join made as o on o.id = m.opportunity_id
left join custom_fields as c on c.id_c = m.id
where m.id is not null
