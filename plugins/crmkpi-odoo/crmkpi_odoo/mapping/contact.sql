-- Persons, but the users themselves. Addresses for invoices and deliveries are none.
with blocked as (
  select distinct lower(trim(address)) as address
  from mail_blacklist
  where coalesce(active, true) and nullif(trim(address), '') is not null
),
named as (
  select
    p.*,
    coalesce(nullif(trim(p.name), ''), '(none)') as full_name,
    coalesce(p.commercial_partner_id, p.parent_id) as company_partner_id
  from res_partner as p
  where p.id is not null and not coalesce(p.is_company, false)
    and coalesce(lower(p.type), 'contact') not in ('invoice', 'delivery')
    and not exists (select 1 from staff as u where u.partner_id = p.id)
)
select
  n.id,
  n.create_date as created_at,
  n.write_date as updated_at,
  not coalesce(n.active, true) as is_deleted,
  case when n.company_partner_id <> n.id then n.company_partner_id end as account_id,
  n.full_name as last_name,
  nullif(lower(trim(n.email)), '') as email,
  coalesce(nullif(trim(n.phone), ''), nullif(trim(n.mobile), '')) as phone,
  nullif(trim(n.function), '') as job_title,
  n.user_id as owner_id,
  upper(nullif(trim(c.code), '')) as country_code,
  b.address is not null as is_email_opt_out
from named as n
left join res_country as c on c.id = n.country_id
left join blocked as b on b.address = lower(trim(n.email))
