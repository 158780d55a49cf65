-- Items, or in the older catalogue plans and addons. An item has a list price when exactly one of
-- its prices is active: that of one billing period.
with offers as (
  select
    p.item_id,
    sum(case when lower(trim(p.status)) = 'active' then 1 else 0 end) as offered,
    max(case when lower(trim(p.status)) = 'active' then p.price end) as minor,
    max(case when lower(trim(p.status)) = 'active' then upper(trim(p.currency_code)) end)
      as currency
  from item_price as p
  group by p.item_id
),
products as (
  select
    i.id, i.updated_at, i.name, cast(null as text) as code, f.name as family, i.status,
    case when lower(trim(i.type)) = 'charge' then 0 when i.type is not null then 1 end as recurs,
    case when o.offered = 1 then o.minor end as minor,
    case when o.offered = 1 then o.currency end as currency
  from item as i
  left join item_family as f on f.id = i.item_family_id
  left join offers as o on o.item_id = i.id
  union all
  select
    l.id, l.updated_at, l.name, l.sku as code, cast(null as text) as family, l.status, 1 as recurs,
    l.price as minor, upper(trim(l.currency_code)) as currency
  from plan as l
  where not exists (select 1 from item as i where i.id = l.id)
  union all
  select
    a.id, a.updated_at, a.name, a.sku as code, cast(null as text) as family, a.status,
    case when lower(trim(a.charge_type)) = 'non_recurring' then 0 else 1 end as recurs,
    a.price as minor, upper(trim(a.currency_code)) as currency
  from addon as a
  where not exists (select 1 from item as i where i.id = a.id)
    and not exists (select 1 from plan as l where l.id = a.id)
)
select
  id,
  updated_at,
  coalesce(lower(trim(status)) = 'deleted', false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  nullif(trim(code), '') as code,
  nullif(trim(family), '') as family,
  recurs = 1 as is_recurring,
  minor / case
    when currency in (
      'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV',
      'XAF', 'XOF', 'XPF'
    ) then 1.0
    else 100.0
  end as list_price,
  nullif(currency, '') as currency,
  coalesce(lower(trim(status)) = 'active', true) as is_active
from products
where id is not null
