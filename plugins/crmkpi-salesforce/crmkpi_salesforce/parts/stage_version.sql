-- One source of versions per opportunity, the best it has: the OpportunityHistory object, tracked
-- fields (stage only), Fivetran's history mode. Tracking begins with a change: before its first one
-- the opportunity was in the stage that this change left, since it was made.
with objects as (
  select
    opportunity_id, id as version, created_date as changed_at, created_by_id, stage_name, amount,
    close_date, probability, coalesce(nullif(trim(forecast_category), ''), '') as forecast_category
  from opportunity_history
  where opportunity_id is not null and created_date is not null and not coalesce(is_deleted, false)
),
logged as (
  select
    f.*, row_number() over (partition by f.opportunity_id order by f.created_date, f.id) as place
  from opportunity_field_history as f
  where lower(f.field) = 'stagename' and f.opportunity_id is not null and f.created_date is not null
    and not coalesce(f.is_deleted, false)
    and not exists (select 1 from objects as b where b.opportunity_id = f.opportunity_id)
),
tracked as (
  select opportunity_id, id as version, created_date as changed_at, created_by_id, new_value as stage_name
  from logged
  union all
  select
    f.opportunity_id, 'start' as version,
    case when o.created_date < f.created_date then o.created_date else f.created_date end as changed_at,
    cast(null as varchar) as created_by_id, f.old_value as stage_name
  from logged as f
  inner join opportunity as o on o.id = f.opportunity_id
  where f.place = 1 and nullif(trim(f.old_value), '') is not null
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
    and not exists (select 1 from logged as t where t.opportunity_id = m.id)
)
select
  opportunity_id, version, changed_at, created_by_id, nullif(trim(stage_name), '') as stage_name, amount,
  close_date, probability, forecast_category, false as is_tracked, 1 as phase
from objects
union all
select
  opportunity_id, version, changed_at, created_by_id, nullif(trim(stage_name), '') as stage_name,
  cast(null as double) as amount, cast(null as date) as close_date, cast(null as double) as probability,
  '' as forecast_category, true as is_tracked, case when version = 'start' then 0 else 1 end as phase
from tracked
union all
select
  opportunity_id, version, changed_at, created_by_id, nullif(trim(stage_name), '') as stage_name, amount,
  close_date, probability, '' as forecast_category, false as is_tracked, 1 as phase
from modes
