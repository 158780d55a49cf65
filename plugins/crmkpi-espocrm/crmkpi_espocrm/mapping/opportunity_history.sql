-- A deal began with what its first note says it was before, else with what it is; a deal without
-- any noted stage has one flagged row. Where the stream does not end at the present stage, a
-- flagged row does.
with notes as (
  select
    n.*, case when n.created_at < o.created_at then o.created_at else n.created_at end as changed_at
  from deal_note as n
  inner join opportunity as o on o.id = n.opportunity_id
  where n.kind in ('create', 'status', 'update') and n.id is not null and n.created_at is not null
),
changes as (
  select
    n.*, 'amount' as field, cast(was_amount as varchar) as old_value,
    cast(became_amount as varchar) as new_value, 1 as rank_no
  from notes as n
  where kind = 'update' and (was_amount <> became_amount or (was_amount is null) <> (became_amount is null))
  union all
  select
    n.*, 'expected_close_date' as field, cast(was_close_date as varchar) as old_value,
    cast(became_close_date as varchar) as new_value, 2 as rank_no
  from notes as n
  where kind = 'update' and (was_close_date <> became_close_date
    or (was_close_date is null) <> (became_close_date is null))
  union all
  select
    n.*, 'probability' as field, cast(was_probability / 100.0 as varchar) as old_value,
    cast(became_probability / 100.0 as varchar) as new_value, 3 as rank_no
  from notes as n
  where kind = 'update' and (was_probability <> became_probability
    or (was_probability is null) <> (became_probability is null))
  union all
  select
    n.*, 'stage' as field, was_stage as old_value, coalesce(became_stage, new_stage) as new_value,
    4 as rank_no
  from notes as n
  where (kind = 'status' and new_stage is not null)
    or (kind = 'update' and became_stage is not null and coalesce(was_stage, '') <> became_stage)
),
ordered as (
  select
    c.*,
    row_number() over (partition by opportunity_id, field order by changed_at, number, id) as from_first,
    row_number() over (partition by opportunity_id, field order by changed_at desc, number desc, id desc)
      as from_last
  from changes as c
),
begun as (
  select opportunity_id, min(notes.first_stage) as first_stage from notes where kind = 'create' group by opportunity_id
),
ends as (
  select
    o.id as opportunity_id, o.created_at, o.modified_at, coalesce(o.deleted, false) as is_deleted,
    o.stage_key as stage_now,
    b.first_stage is not null or f.old_value is not null as is_noted,
    case
      when f.id is null and b.first_stage is null then o.stage_key
      else coalesce(b.first_stage, f.old_value)
    end as stage_first,
    coalesce(l.new_value, b.first_stage) as stage_last, coalesce(l.changed_at, o.created_at) as last_at,
    case when a.id is null then o.amount else a.was_amount end as amount_first,
    case when d.id is null then o.close_date else d.was_close_date end as close_date_first,
    case when p.id is null then o.probability else p.was_probability end as percent_first
  from deal_state as o
  left join begun as b on b.opportunity_id = o.id
  left join ordered as f on f.opportunity_id = o.id and f.field = 'stage' and f.from_first = 1
  left join ordered as l on l.opportunity_id = o.id and l.field = 'stage' and l.from_last = 1
  left join ordered as a on a.opportunity_id = o.id and a.field = 'amount' and a.from_first = 1
  left join ordered as d on d.opportunity_id = o.id and d.field = 'expected_close_date' and d.from_first = 1
  left join ordered as p on p.opportunity_id = o.id and p.field = 'probability' and p.from_first = 1
  where o.id is not null
),
everything as (
  select
    opportunity_id || '/created' as id, opportunity_id, created_at as changed_at,
    cast(null as varchar) as created_by_id, 'stage' as field, cast(null as varchar) as old_value,
    stage_first as new_value, cast(null as double) as new_amount, cast(null as date) as new_close_date,
    cast(null as double) as new_percent, 0 as phase, 4 as rank_no, cast(0 as bigint) as number,
    not is_noted as is_reconstructed
  from ends
  where created_at is not null and stage_first is not null
  union all
  select
    id || '/' || field as id, opportunity_id, changed_at, created_by_id, field, old_value, new_value,
    became_amount as new_amount, became_close_date as new_close_date, became_probability as new_percent,
    1 as phase, rank_no, coalesce(number, 0) as number, false as is_reconstructed
  from changes
  union all
  select
    opportunity_id || '/now' as id, opportunity_id,
    case when modified_at > last_at then modified_at else last_at end as changed_at,
    cast(null as varchar) as created_by_id, 'stage' as field, stage_last as old_value,
    stage_now as new_value, cast(null as double) as new_amount, cast(null as date) as new_close_date,
    cast(null as double) as new_percent, 2 as phase, 4 as rank_no, cast(0 as bigint) as number,
    true as is_reconstructed
  from ends
  where stage_last is not null and stage_last <> stage_now and last_at is not null
),
placed as (
  select
    e.*,
    row_number() over (partition by opportunity_id order by changed_at, phase, rank_no, number, id) as place
  from everything as e
),
counted as (
  select
    p.*,
    sum(case when field = 'stage' then 1 else 0 end) over (partition by opportunity_id order by place) as stage_no,
    sum(case when field = 'amount' then 1 else 0 end) over (partition by opportunity_id order by place) as amount_no,
    sum(case when field = 'expected_close_date' then 1 else 0 end)
      over (partition by opportunity_id order by place) as date_no,
    sum(case when field = 'probability' then 1 else 0 end) over (partition by opportunity_id order by place)
      as percent_no,
    lag(new_value) over (partition by opportunity_id, field order by place) as value_before
  from placed as p
),
dense as (
  select
    c.*,
    max(case when field = 'stage' then new_value end) over (partition by opportunity_id, stage_no) as stage_then,
    max(case when field = 'amount' then new_amount end) over (partition by opportunity_id, amount_no) as amount_then,
    max(case when field = 'expected_close_date' then new_close_date end)
      over (partition by opportunity_id, date_no) as date_then,
    max(case when field = 'probability' then new_percent end)
      over (partition by opportunity_id, percent_no) as percent_then
  from counted as c
)
select
  c.id, c.changed_at as created_at, e.is_deleted, c.opportunity_id, c.changed_at,
  lead(c.changed_at) over (partition by c.opportunity_id order by c.place) as valid_to,
  nullif(trim(c.created_by_id), '') as changed_by_id, c.field,
  case when c.field = 'stage' then coalesce(c.old_value, c.value_before) else c.old_value end as old_value,
  c.new_value, c.stage_then as stage_id,
  case when c.amount_no = 0 then e.amount_first else c.amount_then end as amount,
  case when c.date_no = 0 then e.close_date_first else c.date_then end as expected_close_date,
  case
    when c.percent_no = 0 and e.percent_first between 0 and 100 then e.percent_first / 100.0
    when c.percent_no > 0 and c.percent_then between 0 and 100 then c.percent_then / 100.0
  end as probability,
  c.is_reconstructed
from dense as c
inner join ends as e on e.opportunity_id = c.opportunity_id
