-- Business units, and the teams in them that own records; a unit's default team is the unit itself,
-- and access teams (type 1) are of single records.
select
  b.businessunitid as id,
  b.createdon as created_at,
  b.modifiedon as updated_at,
  coalesce(b._fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(b.name), ''), '(none)') as name,
  b.parentbusinessunitid as parent_team_id
from businessunit as b
where b.businessunitid is not null
union all
select
  t.teamid as id,
  t.createdon as created_at,
  t.modifiedon as updated_at,
  coalesce(t._fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(t.name), ''), '(none)') as name,
  b.businessunitid as parent_team_id
from team as t
left join businessunit as b on b.businessunitid = t.businessunitid
where t.teamid is not null and coalesce(t.teamtype, '0') <> '1'
  and not (coalesce(t.isdefault, false) and b.businessunitid is not null)
