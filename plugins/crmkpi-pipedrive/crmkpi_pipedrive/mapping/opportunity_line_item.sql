-- `sum` is the line after its discount. A disabled product is on the deal, but not in its value.
with lines as (
  select
    l.*,
    coalesce(l.quantity, 1) * coalesce(l.item_price, 0) * coalesce(nullif(l.duration, 0), 1) as gross,
    coalesce(lower(trim(l.discount_type)), 'percentage') as kind,
    lower(trim(l.billing_frequency)) as frequency
  from deal_products as l
),
priced as (
  select
    n.*,
    case
      when sum_no_discount is not null and sum is not null then sum_no_discount - sum
      when kind = 'amount' then discount
      when kind = 'percentage' and discount between 0 and 100 then gross * discount / 100.0
    end as discounted
  from lines as n
)
select
  id,
  add_time as created_at,
  not (coalesce(active_flag, true) and coalesce(enabled_flag, true)) as is_deleted,
  deal_id as opportunity_id,
  nullif(trim(product_id), '') as product_id,
  coalesce(quantity, 1) as quantity,
  coalesce(item_price, 0) as unit_price,
  discounted as discount_amount,
  coalesce(sum, gross - coalesce(discounted, 0)) as total_price,
  upper(nullif(trim(currency), '')) as currency,
  case when nullif(frequency, '') is not null then frequency <> 'one-time' end as is_recurring,
  case frequency
    when 'monthly' then billing_frequency_cycles
    when 'quarterly' then billing_frequency_cycles * 3
    when 'semi-annually' then billing_frequency_cycles * 6
    when 'annually' then billing_frequency_cycles * 12
  end as term_months
from priced
where id is not null and deal_id is not null
