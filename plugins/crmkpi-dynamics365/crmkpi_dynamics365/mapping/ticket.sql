-- A resolved case is solved when its last resolution ended. A cancelled one is closed, never solved.
-- Replies are emails to the customer that no workflow wrote, and calls.
with labels as (
  select lower(objecttypecode) as kind, lower(attributename) as attribute, attributevalue as code, min(trim(value)) as label
  from stringmap
  group by lower(objecttypecode), lower(attributename), attributevalue
),
touches as (
  select regardingobjectid, coalesce(senton, actualend, createdon) as happened_at
  from email
  where directioncode and statecode = '1' and not coalesce(isworkflowcreated, false)
    and not coalesce(_fivetran_deleted, false)
  union all
  select regardingobjectid, coalesce(actualstart, actualend, createdon) as happened_at
  from phonecall
  where statecode = '1' and not coalesce(leftvoicemail and not directioncode, false)
    and not coalesce(_fivetran_deleted, false)
),
answered as (
  select regardingobjectid as incidentid, min(happened_at) as first_at, count(*) as replies
  from touches
  group by regardingobjectid
),
resolved as (
  select incidentid, max(coalesce(actualend, createdon)) as last_at, count(*) as times
  from incidentresolution
  group by incidentid
)
select
  i.incidentid as id,
  i.createdon as created_at,
  i.modifiedon as updated_at,
  coalesce(i._fivetran_deleted, false) or coalesce(i.merged, false) or coalesce(i.statuscode = '2000', false)
    as is_deleted,
  nullif(trim(i.ticketnumber), '') as number,
  nullif(trim(i.title), '') as subject,
  coalesce(a.accountid, pa.accountid) as account_id,
  coalesce(pc.contactid, cc.contactid) as contact_id,
  u.systemuserid as owner_id,
  case when coalesce(t.isdefault, false) and b.businessunitid is not null then b.businessunitid
    else t.teamid end as team_id,
  i.caseorigincode as channel,
  i.casetypecode as ticket_type,
  nullif(trim(j.title), '') as category,
  i.prioritycode as priority,
  case
    when coalesce(i.merged, false) or i.statuscode = '2000' then 'merged'
    when i.statecode = '1' then 'solved'
    when i.statecode = '2' then 'closed'
    else i.statuscode
  end as status,
  nullif(s.label, '') as status_label,
  p.productid as product_id,
  coalesce(r.first_at, k.succeededon) as first_response_at,
  case when i.statecode = '1' then coalesce(x.last_at, i.modifiedon) end as solved_at,
  case i.statecode when '1' then coalesce(x.last_at, i.modifiedon) when '2' then i.modifiedon end as closed_at,
  case when i.statecode = '1' and x.times > 0 then x.times - 1 else coalesce(x.times, 0) end as reopen_count,
  coalesce(r.replies, 0) as reply_count,
  coalesce(i.isescalated, i.escalatedon is not null) as is_escalated,
  q.incidentid as parent_ticket_id
from incident as i
left join account as a on a.accountid = i.customerid
left join contact as cc on cc.contactid = i.customerid
left join contact as pc on pc.contactid = i.primarycontactid
left join account as pa on pa.accountid = coalesce(cc.parentcustomerid, pc.parentcustomerid)
left join systemuser as u on u.systemuserid = i.ownerid
left join team as t on t.teamid = i.ownerid and coalesce(t.teamtype, '0') <> '1'
left join businessunit as b on b.businessunitid = t.businessunitid
left join subject as j on j.subjectid = i.subjectid
left join labels as s on s.kind = 'incident' and s.attribute = 'statuscode' and s.code = i.statuscode
left join product as p on p.productid = i.productid and coalesce(p.productstructure, '1') <> '2'
left join answered as r on r.incidentid = i.incidentid
left join resolved as x on x.incidentid = i.incidentid
left join slakpiinstance as k on k.slakpiinstanceid = i.firstresponsebykpiid
left join incident as q on q.incidentid = i.parentcaseid
where i.incidentid is not null
