-- conversion_rate is units of the currency per one of the corporate currency. That one is marked in
-- currency_type, or always has the rate 1; unknown, it is taken to be the reporting currency.
with marked as (
  select min(upper(trim(iso_code))) as iso_code from currency_type where is_corporate
),
unit_types as (
  select min(upper(trim(iso_code))) as iso_code from currency_type where conversion_rate = 1
),
unit_rates as (
  select upper(trim(iso_code)) as iso_code
  from dated_conversion_rate
  group by upper(trim(iso_code))
  having min(conversion_rate) = 1 and max(conversion_rate) = 1
),
corporate as (
  select coalesce(m.iso_code, t.iso_code, d.iso_code) as iso_code
  from marked as m
  cross join unit_types as t
  cross join (select min(iso_code) as iso_code from unit_rates) as d
),
rates as (
  select
    coalesce(id, upper(trim(iso_code)) || '/' || cast(start_date as varchar)) as id,
    upper(trim(iso_code)) as from_currency,
    start_date as valid_from,
    next_start_date as valid_to,
    conversion_rate
  from dated_conversion_rate
  where iso_code is not null and start_date is not null
  union all
  select
    coalesce(t.id, upper(trim(t.iso_code))) as id,
    upper(trim(t.iso_code)) as from_currency,
    date '1900-01-01' as valid_from,
    cast(null as date) as valid_to,
    t.conversion_rate
  from currency_type as t
  where t.iso_code is not null
    and not exists (
      select 1 from dated_conversion_rate as d where upper(trim(d.iso_code)) = upper(trim(t.iso_code))
    )
)
select
  r.id,
  r.from_currency,
  c.iso_code as to_currency,
  r.valid_from,
  r.valid_to,
  1.0 / nullif(r.conversion_rate, 0) as rate
from rates as r
cross join corporate as c
where r.conversion_rate > 0
