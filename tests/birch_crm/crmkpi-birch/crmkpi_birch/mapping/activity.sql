select t.touch_id as id, t.entered as created_at, t.kind as activity_type, t.direction,
  t.result as status, t.opp_no as opportunity_id, t.nr as contact_id,
  coalesce(o.cust_no, p.cust_no) as account_id, t.began as scheduled_at,
  case when lower(trim(t.result)) = 'ok' then t.began end as occurred_at,
  t.minutes * 60 as duration_seconds
from touch as t
left join opp as o on o.opp_no = t.opp_no
left join person as p on p.nr = t.nr
