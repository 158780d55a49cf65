/*---
about: rates to the reporting currency without overlaps; each holds until the next begins
placeholders:
  reporting: the reporting currency
---*/
with ranked as (
  select
    from_currency,
    valid_from,
    rate,
    row_number() over (partition by from_currency, valid_from order by id) as n
  from fx_rate
  where coalesce(to_currency, $reporting) = $reporting
)
select
  from_currency,
  valid_from,
  rate,
  lead(valid_from) over (partition by from_currency order by valid_from) as valid_to,
  case
    when row_number() over (partition by from_currency order by valid_from desc) = 1 then 1
    else 0
  end as is_latest
from ranked
where n = 1
