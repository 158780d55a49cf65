-- Users for programs and support (access modes 3 to 5) take no seat.
select
  u.systemuserid as id,
  u.createdon as created_at,
  u.modifiedon as updated_at,
  coalesce(u._fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(u.fullname), ''), '(none)') as name,
  nullif(lower(trim(u.internalemailaddress)), '') as email,
  not coalesce(u.isdisabled, false) as is_active,
  coalesce(nullif(trim(u.title), ''), nullif(trim(u.jobtitle), '')) as role,
  b.businessunitid as team_id,
  u.parentsystemuserid as manager_id,
  coalesce(u.islicensed, true) and coalesce(u.accessmode, '0') not in ('3', '4', '5') as is_licensed
from systemuser as u
left join businessunit as b on b.businessunitid = u.businessunitid
where u.systemuserid is not null
