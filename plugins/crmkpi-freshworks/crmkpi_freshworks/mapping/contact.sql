-- Contacts of Freshdesk carry `desk-` before their id. They have one name, which stands as the last.
-- Only Freshsales tells deleted contacts; they are left out right here.
with ranked as (
  select
    c.*,
    row_number() over (
      partition by c.id
      order by c.updated_at desc, case when c.is_deleted then 0 else 1 end, c.email, c.last_name
    ) as place
  from contact as c
  where c.id is not null
),
lifecycles as (
  select x.id, min(x.name) as name from lifecycle_stage as x group by x.id
),
sources as (
  select x.id, min(x.name) as name from lead_source as x group by x.id
),
requesters as (
  select
    d.*,
    row_number() over (partition by d.id order by d.updated_at desc, d.email, d.name) as place
  from desk_contact as d
  where d.id is not null
)
select
  c.id,
  c.created_at,
  c.updated_at,
  coalesce(nullif(trim(c.sales_account_id), ''), nullif(trim(c.first_account_id), ''))
    as account_id,
  nullif(trim(c.first_name), '') as first_name,
  case
    when nullif(trim(c.first_name), '') is null and nullif(trim(c.last_name), '') is null
      then nullif(trim(c.display_name), '')
    else nullif(trim(c.last_name), '')
  end as last_name,
  coalesce(nullif(lower(trim(c.email)), ''), nullif(lower(trim(c.other_email)), '')) as email,
  coalesce(nullif(trim(c.work_number), ''), nullif(trim(c.mobile_number), '')) as phone,
  nullif(trim(c.job_title), '') as job_title,
  nullif(trim(c.owner_id), '') as owner_id,
  nullif(trim(l.name), '') as lifecycle_stage,
  coalesce(nullif(trim(s.name), ''), nullif(trim(c.first_source), '')) as lead_source,
  case when length(trim(c.country)) = 2 then upper(trim(c.country)) end as country_code
from ranked as c
left join lifecycles as l on l.id = c.lifecycle_stage_id
left join sources as s on s.id = c.lead_source_id
where c.place = 1 and not coalesce(c.is_deleted, false)
union all
select
  'desk-' || d.id as id,
  d.created_at as created_at,
  d.updated_at as updated_at,
  case when nullif(trim(d.company_id), '') is not null then 'desk-' || trim(d.company_id) end
    as account_id,
  cast(null as varchar) as first_name,
  nullif(trim(d.name), '') as last_name,
  nullif(lower(trim(d.email)), '') as email,
  coalesce(nullif(trim(d.phone), ''), nullif(trim(d.mobile), '')) as phone,
  nullif(trim(d.job_title), '') as job_title,
  cast(null as varchar) as owner_id,
  cast(null as varchar) as lifecycle_stage,
  cast(null as varchar) as lead_source,
  cast(null as varchar) as country_code
from requesters as d
where d.place = 1
