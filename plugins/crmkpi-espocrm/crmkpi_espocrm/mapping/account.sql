-- customer_since is the day the first deal was won.
with first_win as (
  select account_id, min(closed_on) as first_close_date
  from deal_state
  where state = 'won' and account_id is not null and not coalesce(deleted, false)
  group by account_id
)
select
  a.id,
  a.created_at,
  a.modified_at as updated_at,
  coalesce(a.deleted, false) as is_deleted,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  nullif(trim(a.assigned_user_id), '') as owner_id,
  nullif(trim(a.type), '') as account_type,
  case when lower(trim(a.type)) = 'customer' then 'customer' end as lifecycle_stage,
  nullif(trim(a.industry), '') as industry,
  case when length(trim(a.billing_address_country)) = 2 then upper(trim(a.billing_address_country)) end
    as country_code,
  nullif(trim(a.billing_address_city), '') as city,
  crm_domain(a.website) as website_domain,
  w.first_close_date as customer_since
from account as a
left join first_win as w on w.account_id = a.id
where a.id is not null
