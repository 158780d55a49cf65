-- The audit table holds what each change was before and after. A deal began in the stage that its
-- first change left, else in its present one; without any audited stage that is inferred, and
-- flagged. Where the audit does not end at the present stage, a flagged row does, at the last change.
with changes as (
  select
    a.id, a.parent_id as opportunity_id, a.created_by,
    case when a.date_created < o.date_entered then o.date_entered else a.date_created end as changed_at,
    case lower(trim(a.field_name))
      when 'sales_stage' then 'stage'
      when 'date_closed' then 'expected_close_date'
      when 'probability' then 'probability'
      when 'assigned_user_id' then 'owner'
    end as field,
    nullif(trim(a.before_value_string), '') as old_value,
    nullif(trim(a.after_value_string), '') as new_value
  from opportunities_audit as a
  inner join opportunities as o on o.id = a.parent_id
  where a.id is not null and a.date_created is not null
    and lower(trim(a.field_name)) in ('sales_stage', 'date_closed', 'probability', 'assigned_user_id')
),
moves as (
  select
    c.*,
    row_number() over (partition by opportunity_id order by changed_at, id) as from_first,
    row_number() over (partition by opportunity_id order by changed_at desc, id desc) as from_last
  from changes as c
  where field = 'stage'
),
ends as (
  select
    o.id as opportunity_id, o.date_entered, o.date_modified, coalesce(o.deleted, false) as is_deleted,
    coalesce(nullif(trim(o.sales_stage), ''), '(none)') as stage_now,
    f.id is not null as is_audited,
    coalesce(f.old_value, '(none)') as stage_first,
    coalesce(l.new_value, '(none)') as stage_last,
    l.changed_at as last_at
  from opportunities as o
  left join moves as f on f.opportunity_id = o.id and f.from_first = 1
  left join moves as l on l.opportunity_id = o.id and l.from_last = 1
  where o.id is not null
),
rows_of_all as (
  select
    opportunity_id || '/created' as id, opportunity_id, date_entered as changed_at,
    cast(null as varchar) as created_by, 'stage' as field, cast(null as varchar) as old_value,
    case when is_audited then stage_first else stage_now end as new_value,
    0 as is_later, not is_audited as is_reconstructed
  from ends
  where date_entered is not null
  union all
  select
    id, opportunity_id, changed_at, created_by, field, old_value,
    case when field = 'stage' then coalesce(new_value, '(none)') else new_value end as new_value,
    1 as is_later, false as is_reconstructed
  from changes
  union all
  select
    opportunity_id || '/now' as id, opportunity_id,
    case when date_modified > last_at then date_modified else last_at end as changed_at,
    cast(null as varchar) as created_by, 'stage' as field, stage_last as old_value,
    stage_now as new_value, 2 as is_later, true as is_reconstructed
  from ends
  where is_audited and stage_last <> stage_now
),
placed as (
  select
    r.*,
    row_number() over (
      partition by opportunity_id
      order by changed_at, is_later, case when field = 'stage' then 1 else 0 end, id
    ) as place
  from rows_of_all as r
),
counted as (
  select
    p.*,
    sum(case when field = 'stage' then 1 else 0 end) over (partition by opportunity_id order by place)
      as stage_no
  from placed as p
)
select
  c.id,
  c.changed_at as created_at,
  e.is_deleted,
  c.opportunity_id,
  c.changed_at,
  lead(c.changed_at) over (partition by c.opportunity_id order by c.place) as valid_to,
  nullif(trim(c.created_by), '') as changed_by_id,
  c.field,
  c.old_value,
  c.new_value,
  max(case when c.field = 'stage' then c.new_value end)
    over (partition by c.opportunity_id, c.stage_no) as stage_id,
  c.is_reconstructed
from counted as c
inner join ends as e on e.opportunity_id = c.opportunity_id
