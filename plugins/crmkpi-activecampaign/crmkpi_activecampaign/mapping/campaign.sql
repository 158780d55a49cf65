select
  g.id,
  g.cdate as created_at,
  g.mdate as updated_at,
  coalesce(nullif(trim(g.deletestamp), '') not like '0000%', false) as is_deleted,
  coalesce(nullif(trim(g.name), ''), '(none)') as name,
  'email' as campaign_type,
  'email' as channel,
  g.status,
  g.sdate as start_date,
  g.ldate as end_date,
  u.id as owner_id
from campaigns as g
left join users as u on u.id = g.user_id
where g.id is not null
