-- Conversion makes a potential: where the export has no conversion time, that is when it was made.
-- The first response is the first outbound call to the lead, or the first meeting with it.
with sold as (
  select
    lead_id,
    min(id) as opportunity_id,
    min(created_time) as converted_at,
    min(account_id) as account_id,
    min(contact_id) as contact_id
  from deal_identity
  where lead_id is not null
  group by lead_id
),
touches as (
  select
    coalesce(nullif(lead_id, '0'), case when lower(se_module) = 'leads' then what_id end) as lead_id,
    call_start_time as touched_at
  from calls
  where lower(call_type) = 'outbound'
  union all
  select
    coalesce(nullif(lead_id, '0'), case when lower(se_module) = 'leads' then what_id end) as lead_id,
    start_datetime as touched_at
  from events
),
answered as (
  select l.lead_id, min(t.touched_at) as first_response_at
  from leads as l
  inner join touches as t on t.lead_id = l.lead_id
  where t.touched_at >= l.created_time
  group by l.lead_id
)
select
  l.lead_id as id,
  l.created_time as created_at,
  l.modified_time as updated_at,
  nullif(trim(l.company), '') as company_name,
  nullif(trim(l.first_name), '') as first_name,
  nullif(trim(l.last_name), '') as last_name,
  nullif(lower(trim(l.email)), '') as email,
  coalesce(nullif(trim(l.phone), ''), nullif(trim(l.mobile), '')) as phone,
  coalesce(l.lead_owner_id, o.owner_id) as owner_id,
  case when l.converted then 'converted' else l.lead_status end as status,
  nullif(trim(l.lead_status), '') as status_label,
  nullif(trim(l.lead_source), '') as lead_source,
  l.lead_score,
  case when length(trim(l.country)) = 2 then upper(trim(l.country)) end as country_code,
  nullif(trim(l.industry), '') as industry,
  a.first_response_at,
  case when l.converted then coalesce(l.converted_time, s.converted_at) end as converted_at,
  case when l.converted then coalesce(l.converted_account_id, s.account_id) end
    as converted_account_id,
  case when l.converted then coalesce(l.converted_contact_id, s.contact_id) end
    as converted_contact_id,
  case when l.converted then coalesce(l.converted_potential_id, s.opportunity_id) end
    as converted_opportunity_id
from leads as l
left join named_owner as o on o.owner_name = trim(l.lead_owner)
left join sold as s on s.lead_id = l.lead_id
left join answered as a on a.lead_id = l.lead_id
where l.lead_id is not null
