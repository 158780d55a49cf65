-- A product has a list price when exactly one price of it is active: that of one billing period.
with offers as (
  select
    p.product_id, upper(trim(p.currency)) as currency,
    coalesce(p.unit_amount_decimal, p.unit_amount) as minor,
    case when nullif(trim(p.recurring_interval), '') is not null then 1 else 0 end as recurs,
    case when p.active and not coalesce(p.is_deleted, false) and coalesce(p.livemode, true)
      then 1 else 0 end as is_offered
  from any_price as p
),
prices as (
  select
    q.product_id,
    max(q.recurs) as recurs,
    sum(q.is_offered) as offered,
    max(case when q.is_offered = 1 then q.minor end) as minor,
    max(case when q.is_offered = 1 then q.currency end) as currency
  from offers as q
  group by q.product_id
)
select
  d.id,
  d.created as created_at,
  d.updated as updated_at,
  coalesce(d.is_deleted, false) or not coalesce(d.livemode, true) as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  a.recurs = 1 as is_recurring,
  case when a.offered = 1 then a.minor / case
    when a.currency in (
      'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF',
      'XOF', 'XPF'
    ) then 1.0
    when a.currency in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000.0
    else 100.0
  end end as list_price,
  case when a.offered = 1 then a.currency end as currency,
  coalesce(d.active, true) as is_active
from product as d
left join prices as a on a.product_id = d.id
where d.id is not null
