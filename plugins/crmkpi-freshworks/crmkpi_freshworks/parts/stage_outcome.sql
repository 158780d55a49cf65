-- Whether a stage is open, won or lost: by its forecast type, where the list of stages is loaded;
-- else it is what most of the deals in it seem to be.
with votes as (
  select
    d.stage_id,
    min(d.deal_pipeline_id) as pipeline_id,
    sum(case when d.seems = 'won' then 1 else 0 end) as won_count,
    sum(case when d.seems = 'lost' then 1 else 0 end) as lost_count,
    sum(case when d.seems = 'open' then 1 else 0 end) as open_count
  from deal_state as d
  group by d.stage_id
),
flags as (
  select
    s.id,
    max(case
      when lower(s.forecast_type) like '%won%' then 'won'
      when lower(s.forecast_type) like '%lost%' then 'lost'
      when nullif(trim(s.forecast_type), '') is not null then 'open'
    end) as outcome
  from deal_stage as s
  where s.id is not null
  group by s.id
),
ids as (
  select id from flags
  union
  select stage_id as id from votes
)
select
  i.id as stage_id,
  v.pipeline_id,
  coalesce(f.outcome, case
    when v.won_count > v.lost_count and v.won_count > v.open_count then 'won'
    when v.lost_count >= v.won_count and v.lost_count > v.open_count then 'lost'
    else 'open'
  end) as outcome
from ids as i
left join flags as f on f.id = i.id
left join votes as v on v.stage_id = i.id
