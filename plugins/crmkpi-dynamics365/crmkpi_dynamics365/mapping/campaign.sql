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
amounts as (
  select
    g.*,
    case
      when coalesce(g.budgetedcost_base, g.totalactualcost_base, g.expectedrevenue_base) is null
        and nullif(g.exchangerate, 0) is null
        and coalesce(g.budgetedcost, g.totalactualcost, g.expectedrevenue) is not null then 0
      else 1
    end as in_base
  from campaign as g
)
select
  g.campaignid as id,
  g.createdon as created_at,
  g.modifiedon as updated_at,
  coalesce(g._fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(g.name), ''), '(none)') as name,
  nullif(replace(replace(lower(t.label), ' ', '_'), '-', '_'), '') as campaign_type,
  nullif(replace(replace(lower(t.label), ' ', '_'), '-', '_'), '') as channel,
  g.statuscode as status,
  coalesce(g.actualstart, g.proposedstart) as start_date,
  coalesce(g.actualend, g.proposedend) as end_date,
  coalesce(g.budgetedcost_base, g.budgetedcost / nullif(g.exchangerate, 0), g.budgetedcost) as budgeted_cost,
  coalesce(g.totalactualcost_base, g.totalactualcost / nullif(g.exchangerate, 0), g.totalactualcost) as actual_cost,
  coalesce(g.expectedrevenue_base, g.expectedrevenue / nullif(g.exchangerate, 0), g.expectedrevenue) as expected_revenue,
  case when g.in_base = 1 then b.iso_code else c.iso_code end as currency,
  u.systemuserid as owner_id
from amounts as g
cross join base as b
left join currencies as c on c.transactioncurrencyid = g.transactioncurrencyid and c.place = 1
left join labels as t on t.kind = 'campaign' and t.attribute = 'typecode' and t.code = g.typecode
left join systemuser as u on u.systemuserid = g.ownerid
where g.campaignid is not null and not coalesce(g.istemplate, false)
