-- The API keeps no changes of stages that loaders take. What is known: the deal was created, is in
-- its stage (since when, is not), and when it was closed. So these rows are reconstructed.
with placed as (
  select
    d.id, d.cdate, d.value, d.win_probability, d.percent,
    coalesce(d.group_id, 'default') as pipeline_id,
    coalesce(s.id, coalesce(d.group_id, 'default') || '/none') as open_stage_id,
    case d.status when '1' then 'won' when '2' then 'lost' else 'open' end as outcome,
    case when coalesce(d.edate, d.mdate) < d.cdate then d.cdate else coalesce(d.edate, d.mdate) end as closed_on
  from deals as d
  left join deal_stages as s
    on s.id = d.stage_id and coalesce(s.group_id, 'default') = coalesce(d.group_id, 'default')
),
changes as (
  select
    p.*, '/created' as suffix, p.cdate as changed_at,
    case when p.outcome <> 'open' then p.closed_on end as valid_to,
    cast(null as varchar) as old_value, p.open_stage_id as stage_id
  from placed as p
  union all
  select
    p.*, '/closed' as suffix, p.closed_on as changed_at, cast(null as timestamp) as valid_to,
    p.open_stage_id as old_value, p.pipeline_id || '/' || p.outcome as stage_id
  from placed as p
  where p.outcome <> 'open'
)
select
  c.id || c.suffix as id,
  c.changed_at as created_at,
  c.id as opportunity_id,
  c.changed_at,
  c.valid_to,
  'stage' as field,
  c.old_value,
  c.stage_id as new_value,
  c.stage_id,
  c.value / 100.0 as amount,
  case
    when c.win_probability between 0 and 100 then c.win_probability / 100.0
    when c.percent > 0 and c.percent <= 100 then c.percent / 100.0
  end as probability,
  true as is_reconstructed
from changes as c
where c.id is not null and c.changed_at is not null
