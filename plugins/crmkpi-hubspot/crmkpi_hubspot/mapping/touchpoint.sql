-- Submissions of forms. Airbyte does not name the contact: it is the one of the submitted address.
with given as (
  select conversion_id, min(lower(trim(value))) as address
  from form_value
  where lower(trim(name)) = 'email'
  group by conversion_id
),
numbered as (
  select
    f.conversion_id, f.submitted_at, f.page_url, coalesce(f.contact_id, m.contact_id) as contact_id,
    row_number() over (partition by f.conversion_id order by f.submitted_at, f.form_id) as place
  from form_submission as f
  left join given as g on g.conversion_id = f.conversion_id
  left join contact_address as m on m.address = g.address
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
left join lead_contact as l on l.id = t.contact_id
left join contact as c on c.id = t.contact_id
