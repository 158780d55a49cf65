-- A converted lead's activities move to its contact, so both are looked at for the first response.
-- The campaign is the one the lead came in by: the first it was a member of on the day it was made;
-- later ones were sent to it.
-- A booked meeting is a response when it was booked, or when it was held if logged afterwards.
-- ConvertedDate is a day: what was done for the contact on that day counts, and a lead is never
-- converted before it was made.
with marked as (
  select
    l.*,
    l.is_converted as is_conversion,
    nullif(trim(l.master_record_id), '') is not null as is_merged
  from lead as l
),
touches as (
  select
    who_id,
    coalesce(completed_date_time, created_date) as touched_at
  from task
  where not coalesce(is_deleted, false)
    and coalesce(is_closed, lower(status) = 'completed')
    and lower(coalesce(call_type, 'outbound')) = 'outbound'
    and (
      lower(coalesce(task_subtype, '')) in ('call', 'email', 'listemail', 'list email', 'cadence')
      or lower(coalesce(type, '')) in ('call', 'email')
    )
  union all
  select who_id, least(coalesce(start_date_time, created_date), coalesce(created_date, start_date_time))
    as touched_at
  from event
  where not coalesce(is_deleted, false)
),
people as (
  select id as lead_id, id as who_id from lead
  union all
  select id as lead_id, converted_contact_id as who_id from lead where converted_contact_id is not null
),
answered as (
  select p.lead_id, min(t.touched_at) as first_response_at
  from people as p
  inner join touches as t on t.who_id = p.who_id
  inner join lead as l on l.id = p.lead_id
  where t.touched_at >= l.created_date
    and (
      p.who_id = l.id or l.converted_date is null or t.touched_at <= l.converted_date
      or (
        l.converted_date = cast(cast(l.converted_date as date) as timestamp)
        and cast(t.touched_at as date) = cast(l.converted_date as date)
      )
    )
  group by p.lead_id
),
joined as (
  select
    c.lead_id,
    c.campaign_id,
    row_number() over (partition by c.lead_id order by c.created_date, c.id) as place
  from campaign_member as c
  inner join lead as l on l.id = c.lead_id
  where not coalesce(c.is_deleted, false)
    and cast(c.created_date as date) <= cast(l.created_date as date)
),
moves as (
  select
    lead_id,
    min(case
      when lower(new_value) in ('mql', 'pre-qualified', 'pre qualified') or lower(new_value) like '%marketing qualified%'
        then created_date
    end) as mql_at,
    min(case
      when lower(new_value) in ('sql', 'sal', 'qualified') or lower(new_value) like '%sales qualified%'
        or lower(new_value) like '%sales accepted%'
        then created_date
    end) as sql_at
  from lead_history
  where lower(field) = 'status' and not coalesce(is_deleted, false)
  group by lead_id
)
select
  m.id,
  m.created_date as created_at,
  m.last_modified_date as updated_at,
  coalesce(m.is_deleted, false) or m.is_merged as is_deleted,
  nullif(trim(m.company), '') as company_name,
  nullif(trim(m.first_name), '') as first_name,
  nullif(trim(m.last_name), '') as last_name,
  nullif(lower(trim(m.email)), '') as email,
  coalesce(nullif(trim(m.phone), ''), nullif(trim(m.mobile_phone), '')) as phone,
  case when m.owner_id not like '00G%' then m.owner_id end as owner_id,
  case when m.is_conversion then 'converted' else m.status end as status,
  nullif(trim(m.status), '') as status_label,
  nullif(trim(m.lead_source), '') as lead_source,
  c.campaign_id,
  m.lead_score_c as lead_score,
  upper(nullif(trim(m.country_code), '')) as country_code,
  nullif(trim(m.industry), '') as industry,
  h.mql_at,
  h.sql_at,
  r.first_response_at,
  case
    when m.is_conversion and m.converted_date < m.created_date then m.created_date
    when m.is_conversion then m.converted_date
  end as converted_at,
  m.converted_account_id,
  m.converted_contact_id,
  m.converted_opportunity_id,
  nullif(trim(m.disqualified_reason_c), '') as disqualified_reason
from marked as m
left join moves as h on h.lead_id = m.id
left join answered as r on r.lead_id = m.id
left join joined as c on c.lead_id = m.id and c.place = 1
