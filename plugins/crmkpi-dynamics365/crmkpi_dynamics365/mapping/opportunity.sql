-- Amounts are the `_base` twins, in the organization's currency at the rate of the deal itself, as
-- Dynamics' own reports have them. A won deal counts with its actual revenue. Won and lost are the
-- statecode; processes have no stage for them, so each pipeline gets one of each.
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
instances as (
  select opportunityid, activestageid, activestagestartedon, statecode, modifiedon from opportunitysalesprocess
  union all
  select opportunityid, activestageid, activestagestartedon, statecode, modifiedon from leadtoopportunitysalesprocess
),
-- The stage of a process that an opportunity is in: of its active instance, the latest one.
active as (
  select
    i.opportunityid, i.activestageid, i.activestagestartedon,
    row_number() over (
      partition by i.opportunityid
      order by case when i.statecode = '0' then 0 else 1 end, i.modifiedon desc, i.activestageid
    ) as place
  from instances as i
  inner join processstage as s on s.processstageid = i.activestageid
),
placed as (
  select
    o.*,
    a.activestagestartedon,
    coalesce(s.processid, 'default') as pipeline_id,
    coalesce(s.processstageid, case when nullif(trim(o.stepname), '') is null then 'default/open'
      else 'default/step/' || trim(o.stepname) end) as open_stage_id,
    case o.statecode when '1' then 'won' when '2' then 'lost' else 'open' end as outcome
  from opportunity as o
  left join active as a on a.opportunityid = o.opportunityid and a.place = 1
  left join processstage as s on s.processstageid = coalesce(a.activestageid, o.stageid)
),
closes as (
  select
    x.opportunityid, x.createdon, x.actualend, m.name as competitor,
    row_number() over (partition by x.opportunityid order by x.createdon desc, x.activityid) as place
  from opportunityclose as x
  left join competitor as m on m.competitorid = x.competitorid
),
closed as (
  select
    p.*,
    x.competitor,
    x.createdon as recorded_on,
    coalesce(p.actualclosedate, cast(x.actualend as date), cast(p.modifiedon as date)) as closed_on,
    case when p.outcome = 'won' then coalesce(p.actualvalue_base, p.actualvalue / nullif(p.exchangerate, 0)) end
      as actual_in_base,
    case when p.outcome = 'won' then p.actualvalue end as actual_amount,
    coalesce(p.estimatedvalue_base, p.estimatedvalue / nullif(p.exchangerate, 0)) as estimated_in_base
  from placed as p
  left join closes as x on x.opportunityid = p.opportunityid and x.place = 1
)
select
  o.opportunityid as id,
  o.createdon as created_at,
  o.modifiedon as updated_at,
  coalesce(o._fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(o.name), ''), '(none)') as name,
  coalesce(ca.accountid, pa.accountid) as account_id,
  coalesce(pc.contactid, cc.contactid) as primary_contact_id,
  u.systemuserid as owner_id,
  o.pipeline_id,
  case when o.outcome = 'open' then o.open_stage_id else o.pipeline_id || '/' || o.outcome end as stage_id,
  o.outcome as status,
  coalesce(o.actual_in_base, o.actual_amount, o.estimated_in_base, o.estimatedvalue) as amount,
  case
    when o.actual_in_base is not null then b.iso_code
    when o.actual_amount is not null then c.iso_code
    when o.estimated_in_base is null and o.estimatedvalue is not null then c.iso_code
    else b.iso_code
  end as currency,
  case when o.closeprobability between 0 and 100 then o.closeprobability / 100.0 end as probability,
  o.msdyn_forecastcategory as forecast_category,
  o.estimatedclosedate as expected_close_date,
  case when o.outcome <> 'open' then o.closed_on end as closed_at,
  case
    when o.outcome <> 'open' and cast(o.recorded_on as date) = o.closed_on then o.recorded_on
    when o.outcome <> 'open' then cast(o.closed_on as timestamp)
    when o.activestagestartedon > o.createdon then o.activestagestartedon
    else o.createdon
  end as stage_entered_at,
  nullif(s.label, '') as lead_source,
  g.campaignid as campaign_id,
  l.leadid as source_lead_id,
  case when o.outcome = 'lost' then nullif(t.label, '') end as loss_reason,
  nullif(trim(o.competitor), '') as competitor
from closed as o
cross join base as b
left join currencies as c on c.transactioncurrencyid = o.transactioncurrencyid and c.place = 1
left join account as ca on ca.accountid = o.customerid
left join contact as cc on cc.contactid = o.customerid
left join account as pa on pa.accountid = o.parentaccountid
left join contact as pc on pc.contactid = o.parentcontactid
left join systemuser as u on u.systemuserid = o.ownerid
left join campaign as g on g.campaignid = o.campaignid
left join lead as l on l.leadid = o.originatingleadid
left join labels as s on s.kind = 'lead' and s.attribute = 'leadsourcecode' and s.code = l.leadsourcecode
left join labels as t on t.kind = 'opportunity' and t.attribute = 'statuscode' and t.code = o.statuscode
where o.opportunityid is not null
