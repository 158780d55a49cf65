-- A lead is a contact, and has its id. It is converted when it became an opportunity or a customer.
with people as (
  select
    c.*,
    lower(trim(c.lifecyclestage)) as stage_name,
    coalesce(lower(trim(c.hs_lead_status)), '') as status_name,
    coalesce(lower(trim(c.lifecyclestage)) in ('opportunity', 'customer', 'evangelist'), false)
      as is_converted
  from contact as c
  inner join lead_contact as l on l.id = c.id
),
deals as (
  select
    l.contact_id, d.id as deal_id,
    row_number() over (partition by l.contact_id order by d.createdate, d.id) as place
  from deal_contact as l
  inner join deal as d on d.id = l.deal_id
  where l.contact_id is not null and d.createdate is not null
    and not coalesce(d.is_deleted, false) and not coalesce(d._fivetran_deleted, false)
    and not exists (select 1 from gone_deal as g where g.id = d.id)
)
select
  p.id,
  p.createdate as created_at,
  p.updated_at,
  coalesce(p.is_deleted, false) or coalesce(p._fivetran_deleted, false) or m.id is not null
    as is_deleted,
  nullif(trim(p.company), '') as company_name,
  nullif(trim(p.firstname), '') as first_name,
  nullif(trim(p.lastname), '') as last_name,
  nullif(lower(trim(p.email)), '') as email,
  coalesce(nullif(trim(p.phone), ''), nullif(trim(p.mobilephone), '')) as phone,
  p.hubspot_owner_id as owner_id,
  case
    when p.is_converted then 'converted'
    when p.stage_name = 'salesqualifiedlead' and p.status_name in (
      '', 'new', 'open', 'in_progress', 'open_deal', 'attempted_to_contact', 'connected'
    ) then 'qualified'
    else p.hs_lead_status
  end as status,
  nullif(trim(p.hs_lead_status), '') as status_label,
  nullif(trim(p.hs_analytics_source), '') as lead_source,
  p.hubspotscore as lead_score,
  case
    when length(trim(p.hs_country_region_code)) = 2 then upper(trim(p.hs_country_region_code))
  end as country_code,
  nullif(trim(p.industry), '') as industry,
  p.hs_lifecyclestage_marketingqualifiedlead_date as mql_at,
  p.hs_lifecyclestage_salesqualifiedlead_date as sql_at,
  case
    when p.is_converted
      then coalesce(p.hs_lifecyclestage_opportunity_date, p.hs_lifecyclestage_customer_date)
  end as converted_at,
  case when p.is_converted then p.associatedcompanyid end as converted_account_id,
  case when p.is_converted then p.id end as converted_contact_id,
  case when p.is_converted then d.deal_id end as converted_opportunity_id
from people as p
left join merged_contact as m on m.id = p.id
left join deals as d on d.contact_id = p.id and d.place = 1
