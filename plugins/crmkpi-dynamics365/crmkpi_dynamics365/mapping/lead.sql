-- Qualifying a lead converts it: it is dated by the opportunity that came of it, else by the last
-- change. The first answer is the first call or email to the lead.
with labels as (
  select lower(objecttypecode) as kind, lower(attributename) as attribute, attributevalue as code, min(trim(value)) as label
  from stringmap
  group by lower(objecttypecode), lower(attributename), attributevalue
),
sold as (
  select
    l.leadid, o.opportunityid, o.createdon,
    row_number() over (
      partition by l.leadid
      order by case when o.opportunityid = l.qualifyingopportunityid then 0 else 1 end, o.createdon, o.opportunityid
    ) as place
  from lead as l
  inner join opportunity as o on o.opportunityid = l.qualifyingopportunityid or o.originatingleadid = l.leadid
  where not coalesce(o._fivetran_deleted, false)
),
new_accounts as (
  select originatingleadid as leadid, min(accountid) as accountid
  from account
  where originatingleadid is not null and not coalesce(_fivetran_deleted, false)
  group by originatingleadid
),
new_contacts as (
  select originatingleadid as leadid, min(contactid) as contactid
  from contact
  where originatingleadid is not null and not coalesce(_fivetran_deleted, false)
  group by originatingleadid
),
touches as (
  select regardingobjectid, coalesce(senton, actualend, createdon) as happened_at
  from email
  where directioncode and statecode = '1' and not coalesce(isworkflowcreated, false)
    and not coalesce(_fivetran_deleted, false)
  union all
  select regardingobjectid, coalesce(actualstart, actualend, createdon) as happened_at
  from phonecall
  where directioncode and statecode = '1' and not coalesce(_fivetran_deleted, false)
),
answered as (
  select regardingobjectid as leadid, min(happened_at) as first_response_at
  from touches
  group by regardingobjectid
),
known as (
  select
    l.*,
    s.opportunityid as sold_id,
    s.createdon as sold_on,
    coalesce(na.accountid, oa.accountid) as won_account_id,
    coalesce(nc.contactid, oc.contactid) as won_contact_id
  from lead as l
  left join sold as s on s.leadid = l.leadid and s.place = 1
  left join new_accounts as na on na.leadid = l.leadid
  left join new_contacts as nc on nc.leadid = l.leadid
  left join account as oa on oa.accountid = l.parentaccountid
  left join contact as oc on oc.contactid = l.parentcontactid
),
judged as (
  select
    k.*,
    k.statecode = '1' and coalesce(k.sold_id, k.won_account_id, k.won_contact_id) is not null as is_converted
  from known as k
)
select
  k.leadid as id,
  k.createdon as created_at,
  k.modifiedon as updated_at,
  coalesce(k._fivetran_deleted, false) or coalesce(k.merged, false) as is_deleted,
  nullif(trim(k.companyname), '') as company_name,
  nullif(trim(k.firstname), '') as first_name,
  nullif(trim(k.lastname), '') as last_name,
  nullif(lower(trim(k.emailaddress1)), '') as email,
  coalesce(nullif(trim(k.telephone1), ''), nullif(trim(k.mobilephone), '')) as phone,
  u.systemuserid as owner_id,
  case
    when k.is_converted then 'converted'
    when k.statecode = '1' then 'qualified'
    when k.statecode = '2' then 'disqualified'
    else k.statuscode
  end as status,
  nullif(t.label, '') as status_label,
  nullif(s.label, '') as lead_source,
  g.campaignid as campaign_id,
  case when length(trim(k.address1_country)) = 2 then upper(trim(k.address1_country)) end
    as country_code,
  nullif(i.label, '') as industry,
  r.first_response_at,
  case when k.is_converted then coalesce(k.sold_on, k.modifiedon) end as converted_at,
  case when k.is_converted then k.won_account_id end as converted_account_id,
  case when k.is_converted then k.won_contact_id end as converted_contact_id,
  case when k.is_converted then k.sold_id end as converted_opportunity_id,
  case when k.statecode = '2' then nullif(t.label, '') end as disqualified_reason
from judged as k
left join labels as t on t.kind = 'lead' and t.attribute = 'statuscode' and t.code = k.statuscode
left join labels as s on s.kind = 'lead' and s.attribute = 'leadsourcecode' and s.code = k.leadsourcecode
left join labels as i on i.kind = 'lead' and i.attribute = 'industrycode' and i.code = k.industrycode
left join systemuser as u on u.systemuserid = k.ownerid
left join campaign as g on g.campaignid = k.campaignid
left join answered as r on r.leadid = k.leadid
where k.leadid is not null
