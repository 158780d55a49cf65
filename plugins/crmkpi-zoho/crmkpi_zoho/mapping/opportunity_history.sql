-- An export without stage history tells one thing about the past of a potential: that a closed one
-- was closed on its closing date, and that an open one is where it is. Such rows are flagged. A
-- history that does not end in the present stage gets one too: at the close, or at the last change.
with told as (
  select
    h.*, coalesce(nullif(trim(h.stage), ''), '(none)') as stage_name,
    row_number() over (
      partition by h.potential_id order by h.last_modified_time desc, length(h.id) desc, h.id desc, h.stage desc
    ) as from_last
  from stage_history as h
  where h.potential_id is not null and h.last_modified_time is not null
),
ends as (
  select
    p.*, s.outcome, l.last_modified_time as last_at,
    case
      when s.outcome <> 'open' then cast(p.closing_date as timestamp)
      when l.potential_id is not null then p.modified_time
      else p.created_time
    end as told_at,
    coalesce(l.last_modified_time, p.created_time) as least_at
  from deal_identity as p
  inner join stage_place as s on s.pipeline_id = p.pipeline_id and s.stage_name = p.stage_name
  left join told as l on l.potential_id = p.id and l.from_last = 1
  where l.potential_id is null or l.stage_name <> p.stage_name
),
versions as (
  select
    potential_id as opportunity_id, last_modified_time as changed_at, stage_name, amount, close_date,
    probability, modified_by_id, false as is_reconstructed, from_last
  from told
  union all
  select
    id as opportunity_id, case when told_at < least_at or told_at is null then least_at else told_at end
      as changed_at,
    stage_name, amount, closing_date as close_date, probability, cast(null as varchar) as modified_by_id,
    true as is_reconstructed, 0 as from_last
  from ends
),
ordered as (
  select
    v.*,
    coalesce(p.pipeline_id, 'default') as pipeline_id,
    row_number() over (partition by v.opportunity_id order by v.from_last desc) as place
  from versions as v
  left join deal_identity as p on p.id = v.opportunity_id
  where v.changed_at is not null
),
placed as (
  select
    o.*,
    lag(stage_name) over (partition by opportunity_id order by place) as old_stage,
    lag(amount) over (partition by opportunity_id order by place) as old_amount,
    lag(close_date) over (partition by opportunity_id order by place) as old_close_date
  from ordered as o
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
