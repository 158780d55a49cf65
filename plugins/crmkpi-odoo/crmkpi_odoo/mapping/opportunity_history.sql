-- The tracked changes of the stage, from the creation of the opportunity (of its lead) on. Where
-- none is tracked, the last change of the stage, flagged unless that was the creation. Lost is no
-- stage change: it is dated by the close, or by the tracked archiving where the opportunity came
-- back, and what moved meanwhile does not count. Stages are those of the present team.
with deals as (
  select
    l.id as opportunity_id,
    coalesce(nullif(trim(l.team_id), ''), '(none)') as pipeline_id,
    coalesce(nullif(trim(l.stage_id), ''), '(none)') as stage_now,
    case when l.date_last_stage_update >= coalesce(l.create_date, l.date_last_stage_update)
      then l.date_last_stage_update else l.create_date end as stage_time,
    l.create_date,
    l.create_uid,
    not coalesce(l.active, true) as is_archived,
    not coalesce(l.active, true) and not coalesce(s.is_won, false)
      and (coalesce(l.probability, 1) = 0 or nullif(trim(l.lost_reason_id), '') is not null) as is_lost,
    coalesce(s.is_won, false) as is_won,
    coalesce(l.date_last_stage_update <= l.create_date, false) as is_unmoved,
    l.date_closed
  from crm_lead as l
  left join crm_stage as s on s.id = l.stage_id
  where l.id is not null and lower(trim(l.type)) = 'opportunity'
),
tracked as (
  select
    d.opportunity_id, d.date_closed, d.is_lost, t.change_id, t.field, t.changed_at, u.id as user_id, t.old_value, t.new_value
  from tracked_change as t
  inner join deals as d on d.opportunity_id = t.lead_id
  left join staff as u on u.partner_id = t.author_id
  where t.change_id is not null and t.changed_at >= coalesce(d.create_date, t.changed_at)
),
logged as (
  select
    opportunity_id, change_id, changed_at, user_id, old_value as old_stage, new_value as new_stage,
    row_number() over (
      partition by opportunity_id order by changed_at, length(change_id), change_id
    ) as place,
    row_number() over (
      partition by opportunity_id order by changed_at desc, length(change_id) desc, change_id desc
    ) as from_last
  from tracked
  where field = 'stage_id' and new_value is not null
),
entered as (
  select
    d.opportunity_id, 'start' as version, 0 as rank_no, d.create_date as changed_at,
    d.create_uid as changed_by_id, n.old_stage as stage, 'open' as outcome,
    false as is_reconstructed
  from deals as d
  inner join logged as n on n.opportunity_id = d.opportunity_id and n.place = 1
  where n.old_stage is not null
  union all
  select
    opportunity_id, change_id as version, 1 as rank_no, changed_at,
    user_id as changed_by_id, new_stage as stage, cast(null as varchar) as outcome,
    false as is_reconstructed
  from logged
  union all
  select
    opportunity_id, change_id as version, 1 as rank_no, changed_at, user_id as changed_by_id,
    cast(null as varchar) as stage,
    case when new_value = '1' then 'open' else 'lost' end as outcome, false as is_reconstructed
  from tracked
  where field = 'active' and (not is_lost or date_closed is null or changed_at < date_closed)
  union all
  select
    d.opportunity_id, 'now' as version, 2 as rank_no,
    case when d.stage_time > n.changed_at then d.stage_time else n.changed_at end as changed_at,
    cast(null as varchar) as changed_by_id, d.stage_now as stage, cast(null as varchar) as outcome,
    true as is_reconstructed
  from deals as d
  inner join logged as n on n.opportunity_id = d.opportunity_id and n.from_last = 1
  where n.new_stage <> d.stage_now
  union all
  select
    d.opportunity_id, 'now' as version, 2 as rank_no, d.stage_time as changed_at,
    case when d.stage_time = d.create_date then d.create_uid end as changed_by_id,
    d.stage_now as stage, 'open' as outcome, not d.is_unmoved as is_reconstructed
  from deals as d
  where not exists (select 1 from logged as n where n.opportunity_id = d.opportunity_id)
),
numbered as (
  select
    e.*, d.pipeline_id, d.is_archived and not d.is_lost and not d.is_won as is_deleted,
    row_number() over (
      partition by e.opportunity_id order by e.changed_at, e.rank_no, length(e.version), e.version
    ) as step_no
  from entered as e
  inner join deals as d on d.opportunity_id = e.opportunity_id
  where e.changed_at is not null
    and (not d.is_lost or d.date_closed is null or e.changed_at <= d.date_closed)
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
    c.*, case when c.outcome_then = 'lost' and not coalesce(s.is_won, false)
      then c.pipeline_id || '/lost' else c.pipeline_id || '/' || c.stage_then end as place
  from carried as c
  left join crm_stage as s on s.id = c.stage_then
  where c.stage_then is not null
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
  where place <> coalesce(place_before, '')
  union all
  select
    d.opportunity_id, 'lost' as version, 3 as rank_no,
    case when d.date_closed < d.create_date then d.create_date else d.date_closed end as changed_at,
    cast(null as varchar) as changed_by_id, d.pipeline_id || '/lost' as stage,
    n.opportunity_id is null and not d.is_unmoved as is_reconstructed, false as is_deleted
  from deals as d
  left join logged as n on n.opportunity_id = d.opportunity_id and n.place = 1
  where d.is_lost and d.date_closed is not null
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
