-- An export without stage history tells one thing about the past of a potential: that a closed one
-- was closed on its closing date, and that an open one is where it is. Such rows are flagged.
with versions as (
  select
    h.potential_id as opportunity_id,
    h.last_modified_time as changed_at,
    coalesce(nullif(trim(h.stage), ''), '(none)') as stage_name,
    h.amount,
    h.close_date,
    h.probability,
    h.modified_by_id,
    false as is_reconstructed
  from stage_history as h
  where h.potential_id is not null and h.last_modified_time is not null
  union all
  select
    p.id as opportunity_id,
    case
      when s.outcome = 'open' or cast(p.closing_date as timestamp) < p.created_time
        then p.created_time
      else cast(p.closing_date as timestamp)
    end as changed_at,
    p.stage_name,
    p.amount,
    p.closing_date as close_date,
    p.probability,
    cast(null as varchar) as modified_by_id,
    true as is_reconstructed
  from deal_identity as p
  inner join stage_place as s on s.pipeline_id = p.pipeline_id and s.stage_name = p.stage_name
  where not exists (select 1 from stage_history as h where h.potential_id = p.id)
),
placed as (
  select
    v.*,
    coalesce(p.pipeline_id, 'default') as pipeline_id,
    row_number() over (partition by v.opportunity_id order by v.changed_at, v.stage_name) as place,
    lag(v.stage_name) over (partition by v.opportunity_id order by v.changed_at, v.stage_name)
      as old_stage,
    lag(v.amount) over (partition by v.opportunity_id order by v.changed_at, v.stage_name)
      as old_amount,
    lag(v.close_date) over (partition by v.opportunity_id order by v.changed_at, v.stage_name)
      as old_close_date
  from versions as v
  left join deal_identity as p on p.id = v.opportunity_id
  where v.changed_at is not null
),
named as (
  select
    p.*,
    case
      when old_stage is null or old_stage <> stage_name then 'stage'
      when coalesce(amount, -1) <> coalesce(old_amount, -1) then 'amount'
      when close_date <> old_close_date or (close_date is null) <> (old_close_date is null)
        then 'expected_close_date'
      else 'probability'
    end as field
  from placed as p
)
select
  opportunity_id || '/' || cast(place as varchar) as id,
  opportunity_id,
  changed_at,
  lead(changed_at) over (partition by opportunity_id order by place) as valid_to,
  modified_by_id as changed_by_id,
  field,
  case field
    when 'stage' then old_stage
    when 'amount' then cast(old_amount as varchar)
    when 'expected_close_date' then cast(old_close_date as varchar)
  end as old_value,
  case field
    when 'stage' then stage_name
    when 'amount' then cast(amount as varchar)
    when 'expected_close_date' then cast(close_date as varchar)
  end as new_value,
  pipeline_id || '/' || stage_name as stage_id,
  amount,
  close_date as expected_close_date,
  case when probability between 0 and 100 then probability / 100.0 end as probability,
  is_reconstructed
from named
