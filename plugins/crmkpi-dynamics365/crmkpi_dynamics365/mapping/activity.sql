-- What an activity regards is found by its id, which is unique in all of Dataverse. An appointment
-- happened when it is marked completed.
with labels as (
  select lower(objecttypecode) as kind, lower(attributename) as attribute, attributevalue as code, min(trim(value)) as label
  from stringmap
  group by lower(objecttypecode), lower(attributename), attributevalue
),
every_kind as (
  select
    'task' as kind, activityid, subject, statecode, statuscode, cast(null as boolean) as directioncode,
    false as leftvoicemail, regardingobjectid, ownerid, scheduledstart, scheduledend, actualend as happened_on,
    actualend, actualdurationminutes, createdon, modifiedon, _fivetran_deleted
  from task
  union all
  select
    'phonecall' as kind, activityid, subject, statecode, statuscode, directioncode,
    leftvoicemail, regardingobjectid, ownerid, scheduledstart, scheduledend, actualstart as happened_on,
    actualend, actualdurationminutes, createdon, modifiedon, _fivetran_deleted
  from phonecall
  union all
  select
    'email' as kind, activityid, subject, statecode, statuscode, directioncode,
    false as leftvoicemail, regardingobjectid, ownerid, scheduledstart, scheduledend, senton as happened_on,
    actualend, actualdurationminutes, createdon, modifiedon, _fivetran_deleted
  from email
  union all
  select
    'appointment' as kind, activityid, subject, statecode, statuscode, cast(null as boolean) as directioncode,
    false as leftvoicemail, regardingobjectid, ownerid, scheduledstart, scheduledend,
    coalesce(actualstart, scheduledstart) as happened_on,
    actualend, actualdurationminutes, createdon, modifiedon, _fivetran_deleted
  from appointment
)
select
  k.activityid as id,
  k.createdon as created_at,
  k.modifiedon as updated_at,
  coalesce(k._fivetran_deleted, false) as is_deleted,
  case k.kind when 'phonecall' then 'call' when 'appointment' then 'meeting' else k.kind end
    as activity_type,
  case when k.directioncode then 'outbound' when not k.directioncode then 'inbound' end as direction,
  nullif(trim(k.subject), '') as subject,
  case k.statecode when '1' then 'completed' when '2' then 'cancelled' else 'open' end as status,
  case
    when k.leftvoicemail and k.statecode = '1' then 'Left voicemail'
    when k.statecode in ('1', '2') then nullif(s.label, '')
  end as outcome,
  u.systemuserid as owner_id,
  coalesce(a.accountid, oa.accountid, op.accountid, ia.accountid, ca.accountid) as account_id,
  coalesce(c.contactid, ic.contactid) as contact_id,
  l.leadid as lead_id,
  o.opportunityid as opportunity_id,
  i.incidentid as ticket_id,
  k.scheduledstart as scheduled_at,
  case when k.kind <> 'appointment' then k.scheduledend end as due_at,
  case when k.statecode = '1' then coalesce(k.happened_on, k.actualend, k.modifiedon) end as occurred_at,
  case when k.statecode = '1' then coalesce(k.actualend, k.happened_on, k.modifiedon) end as completed_at,
  case when k.statecode = '1' and k.actualdurationminutes >= 0 then cast(k.actualdurationminutes * 60 as bigint) end
    as duration_seconds
from every_kind as k
left join labels as s on s.kind = k.kind and s.attribute = 'statuscode' and s.code = k.statuscode
left join systemuser as u on u.systemuserid = k.ownerid
left join account as a on a.accountid = k.regardingobjectid
left join contact as c on c.contactid = k.regardingobjectid
left join lead as l on l.leadid = k.regardingobjectid
left join opportunity as o on o.opportunityid = k.regardingobjectid
left join incident as i on i.incidentid = k.regardingobjectid
left join account as oa on oa.accountid = o.customerid
left join account as op on op.accountid = o.parentaccountid
left join account as ia on ia.accountid = i.customerid
left join contact as ic on ic.contactid = coalesce(i.primarycontactid, i.customerid)
left join account as ca on ca.accountid = coalesce(c.parentcustomerid, ic.parentcustomerid)
where k.activityid is not null
