select o.opp_no as id, o.entered as created_at, coalesce(o.archived, false) as is_deleted,
  coalesce(nullif(trim(o.headline), ''), '(none)') as name, o.cust_no as account_id,
  o.main_person as primary_contact_id, 'default' as pipeline_id, o.phase as stage_id,
  case upper(trim(p.outcome)) when 'W' then 'won' when 'L' then 'lost' else 'open' end as status,
  o.worth as amount, upper(nullif(trim(o.cur), '')) as currency,
  case when o.chance between 0 and 100 then o.chance / 100.0 end as probability,
  o.expected_by as expected_close_date,
  case when upper(trim(p.outcome)) in ('W', 'L') then o.done_on end as closed_at
from opp as o
left join phase as p on p.code = o.phase
