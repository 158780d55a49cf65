-- What each item of a subscription brings by the price and the quantity of today: per bill, and how
-- many bills a month has (a year has 12 months and 365 days). Prices in tiers have no unit amount:
-- the item's last bill counts. Usage brings nothing.
with bills as (  -- the lines of the last invoice of each item
  select b.subscription_item_id, sum(b.amount) as billed
  from (
    select
      l.*, rank() over (
        partition by l.subscription_item_id order by l.period_end desc, l.invoice_id desc
      ) as nth
    from invoice_line_item as l
    where not coalesce(l.proration, false) and l.period_end is not null and not exists (
      select 1 from invoice as i
      where i.id = l.invoice_id and (lower(trim(i.status)) = 'void' or i.is_deleted)
    )
  ) as b
  where b.nth = 1 group by b.subscription_item_id
),
items as (
  select
    i.id, i.subscription_id, i.current_period_start, i.current_period_end, b.billed,
    coalesce(i.quantity, 1) as quantity,
    coalesce(i.product_id, p.product_id) as product_id,
    upper(trim(coalesce(i.currency, p.currency))) as currency,
    lower(trim(coalesce(i.billing_interval, p.recurring_interval))) as per,
    coalesce(nullif(i.interval_count, 0), nullif(p.recurring_interval_count, 0), 1) as per_count,
    case lower(trim(coalesce(i.usage_type, p.recurring_usage_type)))
      when 'metered' then 1 else 0 end as is_metered,
    case lower(trim(coalesce(i.billing_scheme, p.billing_scheme))) when 'tiered' then null else
      coalesce(i.unit_amount_decimal, i.unit_amount, p.unit_amount_decimal, p.unit_amount)
    end as unit,
    nullif(coalesce(i.divide_by, p.transform_quantity_divide_by), 0) as divide_by,
    lower(trim(coalesce(i.divide_round, p.transform_quantity_round))) as divide_round
  from subscription_item as i
  left join any_price as p on p.id = i.plan_id
  left join bills as b on b.subscription_item_id = i.id
)
select
  i.*,
  case i.per when 'month' then 1.0 when 'year' then 1.0 / 12 when 'week' then 365.0 / 84
    when 'day' then 365.0 / 12 else 0.0 end / i.per_count as per_month,
  case
    when i.is_metered = 1 then 0.0
    when i.unit is null then coalesce(i.billed, 0.0)
    when i.divide_by is null then i.unit * i.quantity
    when i.divide_round = 'down' then i.unit * floor(i.quantity / i.divide_by)
    else i.unit * ceil(i.quantity / i.divide_by)
  end as per_bill
from items as i
