-- One source of versions per opportunity, the best it has: the OpportunityHistory object, tracked
-- fields (stage only), Fivetran's history mode, else creation and last stage change. Each version
-- is one row per field that changed; at one moment the stage comes last.
with objects as (
  select
    opportunity_id, id as version, created_date as changed_at, created_by_id, stage_name, amount,
    close_date, probability
  from opportunity_history
  where opportunity_id is not null and created_date is not null and not coalesce(is_deleted, false)
),
tracked as (
  select
    f.opportunity_id, f.id as version, f.created_date as changed_at, f.created_by_id,
    f.new_value as stage_name, cast(null as double) as amount, cast(null as date) as close_date,
    cast(null as double) as probability
  from opportunity_field_history as f
  where lower(f.field) = 'stagename' and f.opportunity_id is not null and f.created_date is not null
    and not coalesce(f.is_deleted, false)
    and not exists (select 1 from objects as b where b.opportunity_id = f.opportunity_id)
),
modes as (
  select
    m.id as opportunity_id,
    'v' || cast(row_number() over (partition by m.id order by m._fivetran_start, m._fivetran_end) as varchar)
      as version,
    m._fivetran_start as changed_at, cast(null as varchar) as created_by_id, m.stage_name, m.amount,
    m.close_date, m.probability
  from opportunity_history_mode as m
  where m.id is not null and m._fivetran_start is not null
    and not exists (select 1 from objects as b where b.opportunity_id = m.id)
    and not exists (select 1 from tracked as t where t.opportunity_id = m.id)
),
versions as (
  select * from objects
  union all
  select * from tracked
  union all
  select * from modes
),
placed as (
  select
    v.opportunity_id, v.version, v.changed_at, v.created_by_id, v.amount, v.close_date,
    case when v.probability between 0 and 100 then v.probability / 100.0 end as probability,
    coalesce(o.is_deleted, false) as is_deleted,
    coalesce(nullif(trim(v.stage_name), ''), '(none)') as stage,
    coalesce(r.id, 'default') as pipeline_id
  from versions as v
  left join opportunity as o on o.id = v.opportunity_id
  left join record_type as r on r.id = o.record_type_id and lower(r.sobject_type) = 'opportunity'
),
compared as (
  select
    p.*,
    row_number() over (partition by opportunity_id order by changed_at, version) as place,
    lag(stage) over (partition by opportunity_id order by changed_at, version) as old_stage,
    lag(amount) over (partition by opportunity_id order by changed_at, version) as old_amount,
    lag(close_date) over (partition by opportunity_id order by changed_at, version) as old_close_date,
    lag(probability) over (partition by opportunity_id order by changed_at, version) as old_probability
  from placed as p
),
changes as (
  select
    c.*, 'amount' as field, 1 as rank_no,
    cast(old_amount as varchar) as old_value, cast(amount as varchar) as new_value
  from compared as c
  where place > 1 and coalesce(amount, -1) <> coalesce(old_amount, -1)
  union all
  select
    c.*, 'expected_close_date' as field, 2 as rank_no,
    cast(old_close_date as varchar) as old_value, cast(close_date as varchar) as new_value
  from compared as c
  where place > 1 and (close_date <> old_close_date or (close_date is null) <> (old_close_date is null))
  union all
  select
    c.*, 'probability' as field, 3 as rank_no,
    cast(old_probability as varchar) as old_value, cast(probability as varchar) as new_value
  from compared as c
  where place > 1 and coalesce(probability, -1) <> coalesce(old_probability, -1)
  union all
  select c.*, 'stage' as field, 4 as rank_no, old_stage as old_value, stage as new_value
  from compared as c
  where place = 1 or stage <> old_stage
)
select
  opportunity_id || '/' || version || '/' || field as id,
  changed_at as created_at,
  is_deleted,
  opportunity_id,
  changed_at,
  lead(changed_at) over (partition by opportunity_id order by changed_at, place, rank_no) as valid_to,
  created_by_id as changed_by_id,
  field,
  old_value,
  new_value,
  pipeline_id || '/' || stage as stage_id,
  amount,
  close_date as expected_close_date,
  probability,
  false as is_reconstructed
from changes
union all
select
  o.id || '/now/stage' as id,
  coalesce(o.last_stage_change_date, o.created_date) as created_at,
  coalesce(o.is_deleted, false) as is_deleted,
  o.id as opportunity_id,
  coalesce(o.last_stage_change_date, o.created_date) as changed_at,
  cast(null as timestamp) as valid_to,
  cast(null as varchar) as changed_by_id,
  'stage' as field,
  cast(null as varchar) as old_value,
  coalesce(nullif(trim(o.stage_name), ''), '(none)') as new_value,
  coalesce(r.id, 'default') || '/' || coalesce(nullif(trim(o.stage_name), ''), '(none)') as stage_id,
  o.amount,
  o.close_date as expected_close_date,
  case when o.probability between 0 and 100 then o.probability / 100.0 end as probability,
  true as is_reconstructed
from opportunity as o
left join record_type as r on r.id = o.record_type_id and lower(r.sobject_type) = 'opportunity'
where coalesce(o.last_stage_change_date, o.created_date) is not null
  and not exists (select 1 from versions as v where v.opportunity_id = o.id)
