-- Versions of opportunities (stage_version), each one row per field that changed; at one moment the
-- stage comes last, and of two versions the later id. Where they do not end in the present stage, or
-- there is none, a flagged row does, at the last change of the stage.
with deals as (
  select
    o.*, coalesce(nullif(trim(o.stage_name), ''), '(none)') as stage_now, coalesce(r.id, 'default') as pipeline_id
  from opportunity as o
  left join record_type as r on r.id = o.record_type_id and lower(r.sobject_type) = 'opportunity'
  where o.id is not null
),
numbered as (
  select
    v.*,
    row_number() over (partition by opportunity_id order by changed_at desc, phase desc, version desc) as from_last
  from stage_version as v
),
ends as (
  select
    d.*, l.opportunity_id is not null as is_told, coalesce(l.is_tracked, false) as is_tracked,
    l.changed_at as last_at, coalesce(l.stage_name, '(none)') as last_stage
  from deals as d
  left join numbered as l on l.opportunity_id = d.id and l.from_last = 1
),
versions as (
  select
    opportunity_id, version, changed_at, created_by_id, coalesce(stage_name, '(none)') as stage, amount,
    close_date, probability, phase, false as is_reconstructed
  from numbered
  union all
  select
    id as opportunity_id, 'now' as version,
    case
      when not is_told then coalesce(last_stage_change_date, created_date)
      when coalesce(last_stage_change_date, last_modified_date) > last_at
        then coalesce(last_stage_change_date, last_modified_date)
      else last_at
    end as changed_at,
    cast(null as varchar) as created_by_id, stage_now as stage,
    case when not is_tracked then amount end as amount,
    case when not is_tracked then close_date end as close_date,
    case when not is_tracked then probability end as probability,
    2 as phase, true as is_reconstructed
  from ends
  where not is_told or last_stage <> stage_now
),
placed as (
  select
    v.opportunity_id, v.version, v.changed_at, v.created_by_id, v.amount, v.close_date,
    case when v.probability between 0 and 100 then v.probability / 100.0 end as probability,
    coalesce(d.is_deleted, false) as is_deleted, v.stage, coalesce(d.pipeline_id, 'default') as pipeline_id,
    v.is_reconstructed,
    row_number() over (partition by v.opportunity_id order by v.changed_at, v.phase, v.version) as place
  from versions as v
  left join deals as d on d.id = v.opportunity_id
  where v.changed_at is not null
),
compared as (
  select
    p.*,
    lag(stage) over (partition by opportunity_id order by place) as old_stage,
    lag(amount) over (partition by opportunity_id order by place) as old_amount,
    lag(close_date) over (partition by opportunity_id order by place) as old_close_date,
    lag(probability) over (partition by opportunity_id order by place) as old_probability
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
  lead(changed_at) over (partition by opportunity_id order by place, rank_no) as valid_to,
  created_by_id as changed_by_id,
  field,
  old_value,
  new_value,
  pipeline_id || '/' || stage as stage_id,
  amount,
  close_date as expected_close_date,
  probability,
  is_reconstructed
from changes
