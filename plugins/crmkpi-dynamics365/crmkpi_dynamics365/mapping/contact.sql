with labels as (
  select lower(objecttypecode) as kind, lower(attributename) as attribute, attributevalue as code, min(trim(value)) as label
  from stringmap
  group by lower(objecttypecode), lower(attributename), attributevalue
)
select
  c.contactid as id,
  c.createdon as created_at,
  c.modifiedon as updated_at,
  coalesce(c._fivetran_deleted, false) or coalesce(c.merged, false) as is_deleted,
  a.accountid as account_id,
  nullif(trim(c.firstname), '') as first_name,
  nullif(trim(c.lastname), '') as last_name,
  nullif(lower(trim(c.emailaddress1)), '') as email,
  coalesce(nullif(trim(c.telephone1), ''), nullif(trim(c.mobilephone), '')) as phone,
  nullif(trim(c.jobtitle), '') as job_title,
  u.systemuserid as owner_id,
  nullif(s.label, '') as lead_source,
  case when length(trim(c.address1_country)) = 2 then upper(trim(c.address1_country)) end
    as country_code,
  c.donotbulkemail as is_email_opt_out
from contact as c
left join account as a on a.accountid = c.parentcustomerid
left join labels as s on s.kind = 'contact' and s.attribute = 'leadsourcecode' and s.code = c.leadsourcecode
left join systemuser as u on u.systemuserid = c.ownerid
where c.contactid is not null
