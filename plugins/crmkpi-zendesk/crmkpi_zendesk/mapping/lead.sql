-- A lead is converted when a conversion says so. Its status is a label that an account can rename.
with conversions as (
  select
    c.*,
    row_number() over (
      partition by c.lead_id order by case when c.created_at is null then 1 else 0 end, c.created_at, c.id
    ) as place
  from sell_lead_conversion as c
  where c.lead_id is not null
)
select
  l.id,
  l.created_at,
  l.updated_at,
  nullif(trim(l.organization_name), '') as company_name,
  nullif(trim(l.first_name), '') as first_name,
  nullif(trim(l.last_name), '') as last_name,
  nullif(lower(trim(l.email)), '') as email,
  coalesce(nullif(trim(l.phone), ''), nullif(trim(l.mobile), '')) as phone,
  'sell-' || nullif(trim(l.owner_id), '') as owner_id,
  case when c.lead_id is not null then 'converted' else l.status end as status,
  nullif(trim(l.status), '') as status_label,
  nullif(trim(s.name), '') as lead_source,
  case when length(trim(l.country)) = 2 then upper(trim(l.country)) end as country_code,
  nullif(trim(l.industry), '') as industry,
  c.created_at as converted_at,
  'sell-' || nullif(trim(c.organization_id), '') as converted_account_id,
  'sell-' || nullif(trim(c.individual_id), '') as converted_contact_id,
  c.deal_id as converted_opportunity_id,
  case when c.lead_id is null then nullif(trim(r.name), '') end as disqualified_reason
from sell_lead as l
left join conversions as c on c.lead_id = l.id and c.place = 1
left join sell_lead_source as s on s.id = l.source_id
left join sell_lead_unqualified_reason as r on r.id = l.unqualified_reason_id
where l.id is not null
