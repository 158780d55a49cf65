-- A closed case was last changed when it was closed, where the export has no closing time.
with owners as (
  select
    trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as owner_name,
    min(user_id) as owner_id
  from users
  group by trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))
),
numbered as (
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
  case
    when lower(c.case_origin) like '%email%' then 'email'
    when lower(c.case_origin) like '%phone%' then 'phone'
    when lower(c.case_origin) like '%chat%' then 'chat'
    when lower(c.case_origin) like '%web%' then 'web'
    when lower(c.case_origin) like '%social%' or lower(c.case_origin) in ('twitter', 'facebook')
      then 'social'
  end as channel,
  case lower(trim(c.type))
    when 'question' then 'question'
    when 'problem' then 'problem'
    when 'incident' then 'incident'
  end as ticket_type,
  nullif(trim(c.case_reason), '') as category,
  case lower(trim(c.priority))
    when 'low' then 'low'
    when 'medium' then 'normal'
    when 'high' then 'high'
    when 'urgent' then 'urgent'
  end as priority,
  case
    when c.label = 'closed' then 'closed'
    when c.label = 'on hold' then 'on_hold'
    when c.label = 'new' then 'new'
    else 'open'
  end as status,
  nullif(trim(c.status), '') as status_label,
  case when c.label = 'closed' then coalesce(c.closed_time, c.modified_time) end as solved_at,
  case when c.label = 'closed' then coalesce(c.closed_time, c.modified_time) end as closed_at,
  coalesce(c.label = 'escalated', false) as is_escalated
from numbered as c
left join owners as o on o.owner_name = trim(c.case_owner)
