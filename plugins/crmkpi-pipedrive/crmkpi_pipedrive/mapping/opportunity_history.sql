-- With the changes of a deal (deals/<id>/flow) its stages are known from its creation on, and when it
-- was won or lost and open again: it kept its stage, but did not stand in it meanwhile. Without them
-- two things are: since when it is in its stage, and when it was won or lost; such rows are flagged.
-- What moved while it was closed does not count. A deal may be opened in the moment it is closed again.
with timed as (
  select
    d.id as opportunity_id,
    d.own_pipeline_id,
    d.outcome,
    d.add_time,
    d.creator_user_id,
    d.is_gone as is_deleted,
    d.stage_now,
    case when d.stage_change_time >= coalesce(d.add_time, d.stage_change_time)
      then d.stage_change_time else d.add_time end as stage_time,
    d.closed_time
  from deal_state as d
  where d.id is not null
),
recorded as (
  select item_id as opportunity_id, min(log_time) as first_time
  from deal_changes
  where item_id is not null
  group by item_id
),
logged as (
  select
    c.item_id as opportunity_id,
    c.id as change_id,
    c.log_time,
    c.user_id,
    nullif(trim(c.old_value), '') as old_stage,
    nullif(trim(c.new_value), '') as new_stage,
    row_number() over (partition by c.item_id order by c.log_time, length(c.id), c.id) as place,
    row_number() over (partition by c.item_id order by c.log_time desc, length(c.id) desc, c.id desc)
      as from_last
  from deal_changes as c
  inner join timed as t on t.opportunity_id = c.item_id
  where lower(c.field_key) = 'stage_id' and nullif(trim(c.new_value), '') is not null
    and c.id is not null and c.log_time >= coalesce(t.add_time, c.log_time)
),
entered as (
  select
    t.opportunity_id, 'start' as version, 0 as rank_no, t.add_time as changed_at,
    nullif(trim(t.creator_user_id), '') as changed_by_id, coalesce(f.old_stage, t.stage_now) as stage,
    'open' as outcome, false as is_reconstructed
  from timed as t
  inner join recorded as r on r.opportunity_id = t.opportunity_id
  left join logged as f on f.opportunity_id = t.opportunity_id and f.place = 1
  union all
  select
    opportunity_id, change_id as version, 1 as rank_no, log_time as changed_at,
    nullif(trim(user_id), '') as changed_by_id, new_stage as stage, cast(null as varchar) as outcome,
    false as is_reconstructed
  from logged
  union all
  select
    c.item_id as opportunity_id, c.id as version, 1 as rank_no, c.log_time as changed_at,
    nullif(trim(c.user_id), '') as changed_by_id, cast(null as varchar) as stage,
    lower(trim(c.new_value)) as outcome, false as is_reconstructed
  from deal_changes as c
  inner join timed as t on t.opportunity_id = c.item_id
  where lower(c.field_key) = 'status' and lower(trim(c.new_value)) in ('open', 'won', 'lost')
    and c.id is not null and c.log_time >= coalesce(t.add_time, c.log_time)
    and (t.closed_time is null or c.log_time < t.closed_time
      or (c.log_time = t.closed_time and lower(trim(c.new_value)) = 'open'))
  union all
  select
    t.opportunity_id, 'now' as version, 2 as rank_no,
    case when t.stage_time > n.log_time then t.stage_time else n.log_time end as changed_at,
    cast(null as varchar) as changed_by_id, t.stage_now as stage, cast(null as varchar) as outcome,
    true as is_reconstructed
  from timed as t
  inner join logged as n on n.opportunity_id = t.opportunity_id and n.from_last = 1
  where n.new_stage <> t.stage_now
  union all
  select
    t.opportunity_id, 'now' as version, 2 as rank_no, t.stage_time as changed_at,
    case when t.stage_time = t.add_time then nullif(trim(t.creator_user_id), '') end as changed_by_id,
    t.stage_now as stage, 'open' as outcome, true as is_reconstructed
  from timed as t
  where not exists (select 1 from recorded as r where r.opportunity_id = t.opportunity_id)
),
numbered as (
  select
    e.*, t.own_pipeline_id, t.is_deleted,
    row_number() over (
      partition by e.opportunity_id order by e.changed_at, e.rank_no, length(e.version), e.version
    ) as step_no
  from entered as e
  inner join timed as t on t.opportunity_id = e.opportunity_id
  where e.changed_at is not null and (t.closed_time is null or e.changed_at <= t.closed_time)
),
counted as (
  select
    n.*, sum(case when stage is null then 0 else 1 end) over (partition by opportunity_id order by step_no) as stage_no,
    sum(case when outcome is null then 0 else 1 end) over (partition by opportunity_id order by step_no) as outcome_no
  from numbered as n
),
carried as (
  select
    c.*, max(stage) over (partition by opportunity_id, stage_no) as stage_then,
    max(outcome) over (partition by opportunity_id, outcome_no) as outcome_then
  from counted as c
),
placed as (
  select
    c.*, case when outcome_then in ('won', 'lost') then own_pipeline_id || '/' || outcome_then
      else stage_then end as place
  from carried as c
),
compared as (
  select p.*, lag(place) over (partition by opportunity_id order by step_no) as place_before
  from placed as p
),
steps as (
  select
    opportunity_id, version, rank_no, changed_at, changed_by_id, place as stage, is_reconstructed,
    is_deleted
  from compared
  where place is not null and place <> coalesce(place_before, '')
  union all
  select
    t.opportunity_id, t.outcome as version, 3 as rank_no,
    case when t.closed_time < t.add_time then t.add_time else t.closed_time end as changed_at,
    cast(null as varchar) as changed_by_id, t.own_pipeline_id || '/' || t.outcome as stage,
    coalesce(r.opportunity_id, '') <> t.opportunity_id as is_reconstructed, t.is_deleted
  from timed as t
  left join recorded as r on r.opportunity_id = t.opportunity_id
  where t.closed_time is not null
)
select
  opportunity_id || '/' || version as id,
  is_deleted,
  opportunity_id,
  changed_at,
  lead(changed_at) over (
    partition by opportunity_id order by changed_at, rank_no, length(version), version
  ) as valid_to,
  changed_by_id,
  'stage' as field,
  lag(stage) over (
    partition by opportunity_id order by changed_at, rank_no, length(version), version
  ) as old_value,
  stage as new_value,
  stage as stage_id,
  is_reconstructed
from steps
