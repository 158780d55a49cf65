-- A surviving contact lists those merged into it (`1;2`), and Fivetran audits each merge.
with digits as (
  select 0 as n union all select 1 as n union all select 2 as n union all select 3 as n
  union all select 4 as n union all select 5 as n union all select 6 as n union all select 7 as n
  union all select 8 as n union all select 9 as n
),
places as (
  select 1 + a.n + 10 * b.n + 100 * c.n as n
  from digits as a cross join digits as b cross join digits as c
  where c.n < 3
),
merged as (
  select trim(split_part(s.hs_merged_object_ids, ';', p.n)) as id
  from contact as s
  cross join places as p
  where nullif(trim(s.hs_merged_object_ids), '') is not null
    and p.n <= 1 + length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
    and trim(split_part(s.hs_merged_object_ids, ';', p.n)) <> coalesce(s.id, '')
  union
  select vid_to_merge as id from contact_merge_audit where vid_to_merge <> coalesce(canonical_vid, '')
)
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
left join merged as m on m.id = c.id
where c.id is not null
