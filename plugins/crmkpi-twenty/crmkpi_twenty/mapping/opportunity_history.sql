-- The timeline tells each change before and after. A deal began with what its first change left, else
-- with what it is; without a told change of the stage that is inferred, and flagged. Where the timeline
-- does not end at the present stage, a flagged row does, at the last change of the deal.
with told as (
  select
    t.id, t.target_opportunity_id as opportunity_id, t.workspace_member_id,
    case when t.happens_at < o.created_at then o.created_at else t.happens_at end as changed_at,
    nullif(trim(t.stage_before), '') as stage_before, nullif(trim(t.stage_after), '') as stage_after,
    t.amount_micros_before / 1000000.0 as amount_before, t.amount_micros_after / 1000000.0 as amount_after,
    t.close_date_before, t.close_date_after
  from timeline_activity as t
  inner join opportunity as o on o.id = t.target_opportunity_id
  where lower(trim(t.name)) = 'opportunity.updated' and t.id is not null and t.happens_at is not null
    and t.deleted_at is null
),
changes as (
  select
    t.*, 'amount' as field, cast(amount_before as varchar) as old_value,
    cast(amount_after as varchar) as new_value, 1 as rank_no
  from told as t
  where amount_before <> amount_after or (amount_before is null) <> (amount_after is null)
  union all
  select
    t.*, 'expected_close_date' as field, cast(cast(close_date_before as date) as varchar) as old_value,
    cast(cast(close_date_after as date) as varchar) as new_value, 2 as rank_no
  from told as t
  where close_date_before <> close_date_after or (close_date_before is null) <> (close_date_after is null)
  union all
  select t.*, 'stage' as field, stage_before as old_value, stage_after as new_value, 4 as rank_no
  from told as t
  where stage_after is not null and coalesce(stage_before, '') <> stage_after
),
ordered as (
  select
    c.*,
    row_number() over (partition by opportunity_id, field order by changed_at, id) as from_first,
    row_number() over (partition by opportunity_id, field order by changed_at desc, id desc) as from_last
  from changes as c
),
ends as (
  select
    o.id as opportunity_id, o.created_at, o.updated_at, o.deleted_at is not null as is_deleted,
    coalesce(nullif(trim(o.stage), ''), '(none)') as stage_now,
    f.id is not null as is_told,
    case when f.id is null then coalesce(nullif(trim(o.stage), ''), '(none)') else f.stage_before end
      as stage_first,
    l.stage_after as stage_last, l.changed_at as last_at,
    case when a.id is null then o.amount_amount_micros / 1000000.0 else a.amount_before end as amount_first,
    case when d.id is null then o.close_date else d.close_date_before end as close_date_first
  from opportunity as o
  left join ordered as f on f.opportunity_id = o.id and f.field = 'stage' and f.from_first = 1
  left join ordered as l on l.opportunity_id = o.id and l.field = 'stage' and l.from_last = 1
  left join ordered as a on a.opportunity_id = o.id and a.field = 'amount' and a.from_first = 1
  left join ordered as d on d.opportunity_id = o.id and d.field = 'expected_close_date' and d.from_first = 1
  where o.id is not null
),
everything as (
  select
    opportunity_id || '/created' as id, opportunity_id, created_at as changed_at,
    cast(null as varchar) as member_id, 'stage' as field, cast(null as varchar) as old_value,
    stage_first as new_value, cast(null as double) as new_amount, cast(null as timestamp) as new_close_date,
    0 as phase, 4 as rank_no, not is_told as is_reconstructed
  from ends
  where created_at is not null and stage_first is not null
  union all
  select
    id || '/' || field as id, opportunity_id, changed_at, workspace_member_id as member_id, field, old_value,
    new_value, amount_after as new_amount, close_date_after as new_close_date, 1 as phase, rank_no,
    false as is_reconstructed
  from changes
  union all
  select
    opportunity_id || '/now' as id, opportunity_id,
    case when updated_at > last_at then updated_at else last_at end as changed_at,
    cast(null as varchar) as member_id, 'stage' as field, stage_last as old_value, stage_now as new_value,
    cast(null as double) as new_amount, cast(null as timestamp) as new_close_date, 2 as phase, 4 as rank_no,
    true as is_reconstructed
  from ends
  where is_told and stage_last <> stage_now
),
placed as (
  select
    e.*,
    row_number() over (partition by opportunity_id order by changed_at, phase, rank_no, id) as place
  from everything as e
),
counted as (
  select
    p.*,
    sum(case when field = 'stage' then 1 else 0 end) over (partition by opportunity_id order by place) as stage_no,
    sum(case when field = 'amount' then 1 else 0 end) over (partition by opportunity_id order by place) as amount_no,
    sum(case when field = 'expected_close_date' then 1 else 0 end)
      over (partition by opportunity_id order by place) as date_no
  from placed as p
),
dense as (
  select
    c.*,
    max(case when field = 'stage' then new_value end) over (partition by opportunity_id, stage_no) as stage_then,
    max(case when field = 'amount' then new_amount end) over (partition by opportunity_id, amount_no)
      as amount_then,
    max(case when field = 'expected_close_date' then new_close_date end)
      over (partition by opportunity_id, date_no) as date_then
  from counted as c
)
select
  c.id,
  c.changed_at as created_at,
  e.is_deleted,
  c.opportunity_id,
  c.changed_at,
  lead(c.changed_at) over (partition by c.opportunity_id order by c.place) as valid_to,
  c.member_id as changed_by_id,
  c.field,
  c.old_value,
  c.new_value,
  c.stage_then as stage_id,
  case when c.amount_no = 0 then e.amount_first else c.amount_then end as amount,
  case when c.date_no = 0 then e.close_date_first else c.date_then end as expected_close_date,
  c.is_reconstructed
from dense as c
inner join ends as e on e.opportunity_id = c.opportunity_id
