-- End users of Support, whose name is one text, and contacts of Sell that are people. A user who was
-- deleted in Zendesk stays there as one that is not active.
select
  u.id,
  u.created_at,
  u.updated_at,
  not coalesce(u.active, true) or coalesce(u._fivetran_deleted, false)
    or coalesce(u.permanently_deleted, false) as is_deleted,
  u.organization_id as account_id,
  cast(null as varchar) as first_name,
  nullif(trim(u.name), '') as last_name,
  nullif(lower(trim(u.email)), '') as email,
  nullif(trim(u.phone), '') as phone,
  cast(null as varchar) as job_title,
  cast(null as varchar) as owner_id,
  cast(null as varchar) as lifecycle_stage,
  cast(null as varchar) as country_code
from "user" as u
where u.id is not null and lower(trim(u.role)) = 'end-user'
union all
select
  'sell-' || c.id as id,
  c.created_at,
  c.updated_at,
  false as is_deleted,
  'sell-' || nullif(trim(c.contact_id), '') as account_id,
  nullif(trim(c.first_name), '') as first_name,
  coalesce(
    nullif(trim(c.last_name), ''),
    case when nullif(trim(c.first_name), '') is null then nullif(trim(c.name), '') end
  ) as last_name,
  nullif(lower(trim(c.email)), '') as email,
  coalesce(nullif(trim(c.phone), ''), nullif(trim(c.mobile), '')) as phone,
  nullif(trim(c.title), '') as job_title,
  'sell-' || nullif(trim(c.owner_id), '') as owner_id,
  case lower(trim(c.customer_status)) when 'current' then 'customer' when 'past' then 'churned' end
    as lifecycle_stage,
  case when length(trim(c.country)) = 2 then upper(trim(c.country)) end as country_code
from sell_contact as c
where c.id is not null and not coalesce(c.is_organization, false)
