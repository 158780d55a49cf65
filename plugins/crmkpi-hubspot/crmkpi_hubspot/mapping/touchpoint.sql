-- Submissions of forms. Airbyte does not name the contact: it is the one of the submitted address.
with digits as (
  select 0 as n union all select 1 as n union all select 2 as n union all select 3 as n
  union all select 4 as n union all select 5 as n union all select 6 as n union all select 7 as n
  union all select 8 as n union all select 9 as n
),
merges as (
  select
    trim(split_part(s.hs_merged_object_ids, ';', 1 + a.n + 10 * b.n + 100 * c.n)) as id,
    s.id as survivor_id
  from contact as s
  cross join digits as a cross join digits as b cross join digits as c
  where nullif(trim(s.hs_merged_object_ids), '') is not null and a.n + 10 * b.n + 100 * c.n
    <= length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
  union all
  select vid_to_merge as id, canonical_vid as survivor_id from contact_merge_audit
),
survivors as (
  select id, min(survivor_id) as survivor_id from merges where survivor_id <> id group by id
),
-- the address of a contact that was merged away is one of its survivor
mails as (
  select
    lower(trim(c.email)) as address, coalesce(s.survivor_id, c.id) as id,
    row_number() over (
      partition by lower(trim(c.email))
      order by case when s.id is null then 0 else 1 end, c.createdate desc, c.id
    ) as place
  from contact as c
  left join survivors as s on s.id = c.id
  where trim(c.email) <> '' and not coalesce(c.is_deleted, false)
    and not coalesce(c._fivetran_deleted, false)
),
leads as (
  select distinct id from contact
  where lower(trim(lifecyclestage)) in ('lead', 'marketingqualifiedlead', 'salesqualifiedlead')
    or hs_lifecyclestage_lead_date is not null
    or hs_lifecyclestage_marketingqualifiedlead_date is not null
    or hs_lifecyclestage_salesqualifiedlead_date is not null
),
given as (
  select conversion_id, min(lower(trim(value))) as address
  from form_value
  where lower(trim(name)) = 'email'
  group by conversion_id
),
numbered as (
  select
    f.conversion_id, f.submitted_at, f.page_url, coalesce(f.contact_id, m.id) as contact_id,
    row_number() over (partition by f.conversion_id order by f.submitted_at, f.form_id) as place
  from form_submission as f
  left join given as g on g.conversion_id = f.conversion_id
  left join mails as m on m.address = g.address and m.place = 1
  where f.conversion_id is not null and f.submitted_at is not null
),
tagged as (
  select
    n.*,
    nullif(split_part(split_part(lower(n.page_url), 'utm_source=', 2), '&', 1), '') as utm_source,
    nullif(split_part(split_part(lower(n.page_url), 'utm_medium=', 2), '&', 1), '') as utm_medium,
    nullif(split_part(split_part(lower(n.page_url), 'utm_campaign=', 2), '&', 1), '')
      as utm_campaign
  from numbered as n
  where n.place = 1
)
select
  t.conversion_id as id,
  t.submitted_at as created_at,
  t.contact_id,
  l.id as lead_id,
  c.associatedcompanyid as account_id,
  t.submitted_at as occurred_at,
  coalesce(t.utm_medium, 'website') as channel,
  t.utm_source,
  t.utm_medium,
  t.utm_campaign,
  'form' as touch_type
from tagged as t
left join leads as l on l.id = t.contact_id
left join contact as c on c.id = t.contact_id
