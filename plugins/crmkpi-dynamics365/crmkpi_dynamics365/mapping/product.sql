-- Families are no products of their own: they name the family of theirs.
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
)
select
  p.productid as id,
  p.createdon as created_at,
  p.modifiedon as updated_at,
  coalesce(p._fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  nullif(trim(p.productnumber), '') as code,
  case when f.productstructure = '2' then nullif(trim(f.name), '') end as family,
  coalesce(p.price_base, p.price / nullif(p.exchangerate, 0), p.price) as list_price,
  case
    when p.price_base is null and nullif(p.exchangerate, 0) is null and p.price is not null then c.iso_code
    else b.iso_code
  end as currency,
  coalesce(p.statecode, '0') in ('0', '3') as is_active
from product as p
cross join base as b
left join currencies as c on c.transactioncurrencyid = p.transactioncurrencyid and c.place = 1
left join product as f on f.productid = p.parentproductid
where p.productid is not null and coalesce(p.productstructure, '1') <> '2'
