-- Values are in cents. A win probability that was predicted goes before the one that was entered;
-- an entered 0 is the vendor's word for none.
with placed as (
  select
    d.*,
    coalesce(d.group_id, 'default') as pipeline_id,
    coalesce(s.id, coalesce(d.group_id, 'default') || '/none') as open_stage_id,
    case d.status when '1' then 'won' when '2' then 'lost' else 'open' end as outcome
  from deals as d
  left join deal_stages as s
    on s.id = d.stage_id and coalesce(s.group_id, 'default') = coalesce(d.group_id, 'default')
)
select
  d.id,
  d.cdate as created_at,
  d.mdate as updated_at,
  coalesce(nullif(trim(d.title), ''), '(none)') as name,
  coalesce(ca.id, a.id, oa.id) as account_id,
  c.id as primary_contact_id,
  u.id as owner_id,
  d.pipeline_id,
  case when d.outcome = 'open' then d.open_stage_id else d.pipeline_id || '/' || d.outcome end as stage_id,
  d.outcome as status,
  d.value / 100.0 as amount,
  upper(nullif(trim(d.currency), '')) as currency,
  case
    when d.win_probability between 0 and 100 then d.win_probability / 100.0
    when d.percent > 0 and d.percent <= 100 then d.percent / 100.0
  end as probability,
  case when d.outcome <> 'open' then coalesce(d.edate, d.mdate) end as closed_at,
  case when d.outcome = 'open' then d.nextdate end as next_activity_at
from placed as d
left join accounts as ca on ca.id = d.customer_account_id
left join accounts as a on a.id = d.account_id
left join accounts as oa on oa.id = d.organization_id
left join contacts as c on c.id = d.contact_id
left join users as u on u.id = d.owner_id
where d.id is not null
