-- A customer is one since its first won deal.
with wins as (
  select org_id, min(coalesce(won_time, close_time)) as first_won
  from deals
  where lower(trim(status)) = 'won' and not coalesce(deleted, false)
  group by org_id
)
select
  o.id,
  o.add_time as created_at,
  o.update_time as updated_at,
  not coalesce(o.active_flag, true) or nullif(trim(o.delete_time), '') is not null as is_deleted,
  coalesce(nullif(trim(o.name), ''), '(none)') as name,
  coalesce(
    nullif(trim(o.owner_object_id), ''),
    case when o.owner_id not like '{%' then nullif(trim(o.owner_id), '') end
  ) as owner_id,
  case when w.first_won is not null then 'customer' end as account_type,
  case when length(trim(o.country_code)) = 2 then upper(trim(o.country_code)) end as country_code,
  nullif(trim(o.address_locality), '') as city,
  w.first_won as customer_since,
  o.last_activity_date as last_activity_at
from organizations as o
left join wins as w on w.org_id = o.id
where o.id is not null
