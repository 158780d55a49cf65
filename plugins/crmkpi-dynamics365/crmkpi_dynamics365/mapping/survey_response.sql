-- Customer Voice: the answer to the question for NPS. Whom it regards is found by its id.
select
  r.activityid as id,
  r.createdon as created_at,
  r.modifiedon as updated_at,
  coalesce(r._fivetran_deleted, false) as is_deleted,
  'nps' as survey_type,
  r.msfp_npsscore as score,
  0 as scale_min,
  10 as scale_max,
  r.msfp_npsscore * 10.0 as normalized_score,
  case
    when r.msfp_npsscore >= 9 then 'promoter'
    when r.msfp_npsscore >= 7 then 'passive'
    else 'detractor'
  end as category,
  coalesce(a.accountid, ia.accountid, oa.accountid, op.accountid, ca.accountid) as account_id,
  coalesce(c.contactid, ic.contactid) as contact_id,
  i.incidentid as ticket_id,
  o.opportunityid as opportunity_id,
  u.systemuserid as agent_id,
  coalesce(r.msfp_submitdate, r.createdon) as responded_at
from msfp_surveyresponse as r
left join account as a on a.accountid = r.regardingobjectid
left join contact as c on c.contactid = r.regardingobjectid
left join incident as i on i.incidentid = r.regardingobjectid
left join opportunity as o on o.opportunityid = r.regardingobjectid
left join account as ia on ia.accountid = i.customerid
left join contact as ic on ic.contactid = coalesce(i.primarycontactid, i.customerid)
left join account as oa on oa.accountid = o.customerid
left join account as op on op.accountid = o.parentaccountid
left join account as ca on ca.accountid = coalesce(c.parentcustomerid, ic.parentcustomerid)
left join systemuser as u on u.systemuserid = coalesce(i.ownerid, o.ownerid)
where r.activityid is not null and r.msfp_npsscore between 0 and 10
