with money as (
  select id, min(upper(nullif(trim(iso4217), ''))) as iso_code from currencies group by id
)
select
  c.id,
  c.date_entered as created_at,
  c.date_modified as updated_at,
  coalesce(c.deleted, false) as is_deleted,
  coalesce(nullif(trim(c.name), ''), '(none)') as name,
  nullif(lower(trim(c.campaign_type)), '') as campaign_type,
  nullif(lower(trim(c.campaign_type)), '') as channel,
  nullif(trim(c.status), '') as status,
  c.start_date,
  c.end_date,
  c.budget as budgeted_cost,
  c.actual_cost,
  c.expected_revenue,
  m.iso_code as currency,
  nullif(trim(c.assigned_user_id), '') as owner_id
from campaigns as c
left join money as m on m.id = c.currency_id
where c.id is not null
