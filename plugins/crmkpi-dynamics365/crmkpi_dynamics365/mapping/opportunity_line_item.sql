-- Prices without tax, in the organization's currency (the `_base` twins).
with currencies as (
  select
    c.transactioncurrencyid,
    upper(nullif(trim(c.isocurrencycode), '')) as iso_code,
    c.exchangerate,
    row_number() over (partition by c.transactioncurrencyid order by c.isocurrencycode) as place
  from transactioncurrency as c
),
-- The organization's currency: named by it, else the only one whose rate is 1.
base as (
  select
    coalesce(
      max(case when o.organizationid is not null then c.iso_code end),
      case when count(distinct case when c.exchangerate = 1 then c.iso_code end) = 1
        then max(case when c.exchangerate = 1 then c.iso_code end) end
    ) as iso_code
  from currencies as c
  left join organization as o on o.basecurrencyid = c.transactioncurrencyid
),
lines as (
  select
    i.*,
    case
      when i.extendedamount_base is null and nullif(i.exchangerate, 0) is null then 0
      else 1
    end as in_base,
    coalesce(i.exchangerate, 1) as rate
  from opportunityproduct as i
)
select
  i.opportunityproductid as id,
  i.createdon as created_at,
  i.modifiedon as updated_at,
  coalesce(i._fivetran_deleted, false) as is_deleted,
  i.opportunityid as opportunity_id,
  p.productid as product_id,
  coalesce(i.quantity, 0) as quantity,
  coalesce(case when i.in_base = 1 then coalesce(i.priceperunit_base, i.priceperunit / nullif(i.rate, 0)) end, i.priceperunit, 0)
    as unit_price,
  case
    when i.in_base = 1 then
      coalesce(i.manualdiscountamount_base, i.manualdiscountamount / nullif(i.rate, 0), 0)
      + coalesce(i.volumediscountamount_base, i.volumediscountamount / nullif(i.rate, 0), 0) * coalesce(i.quantity, 0)
    else coalesce(i.manualdiscountamount, 0) + coalesce(i.volumediscountamount, 0) * coalesce(i.quantity, 0)
  end as discount_amount,
  case
    when i.in_base = 1 then
      coalesce(i.extendedamount_base, i.extendedamount / nullif(i.rate, 0), 0)
      - coalesce(i.tax_base, i.tax / nullif(i.rate, 0), 0)
    else coalesce(i.extendedamount, 0) - coalesce(i.tax, 0)
  end as total_price,
  case when i.in_base = 1 then b.iso_code else c.iso_code end as currency
from lines as i
cross join base as b
left join currencies as c on c.transactioncurrencyid = i.transactioncurrencyid and c.place = 1
left join product as p on p.productid = i.productid and coalesce(p.productstructure, '1') <> '2'
where i.opportunityproductid is not null and i.opportunityid is not null
