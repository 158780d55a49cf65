-- Inactive accounts stay; merged ones are gone.
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
labels as (
  select lower(objecttypecode) as kind, lower(attributename) as attribute, attributevalue as code, min(trim(value)) as label
  from stringmap
  group by lower(objecttypecode), lower(attributename), attributevalue
),
first_win as (
  select o.customerid, o.parentaccountid, o.actualclosedate
  from opportunity as o
  where o.statecode = '1' and not coalesce(o._fivetran_deleted, false)
),
winners as (
  select accountid, min(won_on) as first_won_on
  from (
    select customerid as accountid, actualclosedate as won_on from first_win
    union all
    select parentaccountid as accountid, actualclosedate as won_on from first_win
  ) as w
  where accountid is not null
  group by accountid
)
select
  a.accountid as id,
  a.createdon as created_at,
  a.modifiedon as updated_at,
  coalesce(a._fivetran_deleted, false) or coalesce(a.merged, false) as is_deleted,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  a.parentaccountid as parent_account_id,
  u.systemuserid as owner_id,
  a.customertypecode as account_type,
  nullif(i.label, '') as industry,
  case
    when a.numberofemployees < 100 then 'SMB'
    when a.numberofemployees < 1000 then 'mid-market'
    when a.numberofemployees >= 1000 then 'enterprise'
  end as segment,
  case when length(trim(a.address1_country)) = 2 then upper(trim(a.address1_country)) end
    as country_code,
  nullif(trim(a.address1_city), '') as city,
  crm_domain(a.websiteurl) as website_domain,
  coalesce(a.revenue_base, a.revenue / nullif(a.exchangerate, 0), a.revenue) as annual_revenue,
  a.numberofemployees as employee_count,
  case
    when a.revenue_base is null and nullif(a.exchangerate, 0) is null and a.revenue is not null then c.iso_code
    else b.iso_code
  end as currency,
  w.first_won_on as customer_since
from account as a
cross join base as b
left join currencies as c on c.transactioncurrencyid = a.transactioncurrencyid and c.place = 1
left join labels as i on i.kind = 'account' and i.attribute = 'industrycode' and i.code = a.industrycode
left join systemuser as u on u.systemuserid = a.ownerid
left join winners as w on w.accountid = a.accountid
where a.accountid is not null
