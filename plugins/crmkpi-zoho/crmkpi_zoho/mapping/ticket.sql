-- A closed case was last changed when it was closed, where the export has no closing time.
with numbered as (
  select
    c.*,
    lower(trim(c.status)) as label,
    coalesce(nullif(trim(c.case_id), ''), 'row-' || cast(row_number() over (
      order by c.created_time, c.modified_time, c.case_owner, c.case_origin, c.status
    ) as varchar)) as id
  from cases as c
)
select
  c.id,
  c.created_time as created_at,
  c.modified_time as updated_at,
  nullif(trim(c.case_number), '') as number,
  nullif(trim(c.subject), '') as subject,
  c.account_id,
  c.contact_id,
  o.owner_id,
  c.case_origin as channel,
  c.type as ticket_type,
  nullif(trim(c.case_reason), '') as category,
  c.priority,
  c.status,
  nullif(trim(c.status), '') as status_label,
  case when c.label = 'closed' then coalesce(c.closed_time, c.modified_time) end as solved_at,
  case when c.label = 'closed' then coalesce(c.closed_time, c.modified_time) end as closed_at,
  coalesce(c.label = 'escalated', false) as is_escalated
from numbered as c
left join named_owner as o on o.owner_name = trim(c.case_owner)
