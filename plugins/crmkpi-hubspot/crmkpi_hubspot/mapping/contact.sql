select
  c.id,
  c.createdate as created_at,
  c.updated_at,
  coalesce(c.is_deleted, false) or coalesce(c._fivetran_deleted, false) or m.id is not null
    as is_deleted,
  c.associatedcompanyid as account_id,
  nullif(trim(c.firstname), '') as first_name,
  nullif(trim(c.lastname), '') as last_name,
  nullif(lower(trim(c.email)), '') as email,
  coalesce(nullif(trim(c.phone), ''), nullif(trim(c.mobilephone), '')) as phone,
  nullif(trim(c.jobtitle), '') as job_title,
  c.hubspot_owner_id as owner_id,
  case lower(trim(c.lifecyclestage))
    when 'marketingqualifiedlead' then 'mql'
    when 'salesqualifiedlead' then 'sql'
    else nullif(lower(trim(c.lifecyclestage)), '')
  end as lifecycle_stage,
  nullif(trim(c.hs_analytics_source), '') as lead_source,
  case
    when length(trim(c.hs_country_region_code)) = 2 then upper(trim(c.hs_country_region_code))
  end as country_code,
  coalesce(c.hs_email_optout, false) as is_email_opt_out,
  nullif(trim(c.hs_email_hard_bounce_reason_enum), '') is not null as is_email_invalid
from contact as c
left join merged_contact as m on m.id = c.id
where c.id is not null
