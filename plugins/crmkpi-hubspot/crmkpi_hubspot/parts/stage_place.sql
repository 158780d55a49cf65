-- Stages of deals: those of the pipelines, those that only deals name, and, inactive and in the first
-- place, those that only the history of deals knows: who was there did not come further by that. Ids
-- of stages are unique within a pipeline only. A closed stage is won at the probability 1; where it
-- has none, by HubSpot's flag of its deals. Fivetran's `closed_won` says closed, won or lost, and
-- decides alone only where neither is known. Stages that only deals name, and those of probability
-- 0 that are not flagged, take HubSpot's flags of their deals.
with keyed as (
  select
    id, hs_is_closed, hs_is_closed_won,
    coalesce(nullif(trim(deal_pipeline_id), ''), '(none)') as pipeline_id,
    coalesce(nullif(trim(deal_pipeline_stage_id), ''), '(none)') as stage_id
  from deal
  where id is not null
),
seen as (
  select
    pipeline_id, stage_id,
    max(case when hs_is_closed_won then 1 when not hs_is_closed_won then 0 end) as won_flag,
    max(case when hs_is_closed then 1 else 0 end) = 1 as is_closed
  from keyed
  group by pipeline_id, stage_id
),
gone as (
  select distinct k.pipeline_id, e.stage_id
  from stage_change as e
  inner join keyed as k on k.id = e.deal_id
  where e.stage_id is not null
    and not exists (select 1 from deal_pipeline_stage as s where trim(s.stage_id) = e.stage_id)
    and not exists (select 1 from seen as n where n.stage_id = e.stage_id)
),
told as (
  select
    trim(s.pipeline_id) as pipeline_id, trim(s.stage_id) as stage_id, s.label, s.display_order,
    s.probability,
    coalesce(case
      when s.is_closed or s.closed_won then coalesce(s.probability >= 1, n.won_flag = 1, s.closed_won)
      when s.is_closed is null and s.closed_won is null then s.probability = 1
    end, false) as is_won,
    coalesce(case when s.closed_won then true end, s.is_closed, s.probability in (0, 1), false)
      or coalesce(s.probability = 0 and n.is_closed, false) as is_closed,
    coalesce(s.active, true) and not coalesce(s.is_deleted, false)
      and not coalesce(s._fivetran_deleted, false) as is_active,
    true as is_listed
  from deal_pipeline_stage as s
  left join seen as n on n.pipeline_id = trim(s.pipeline_id) and n.stage_id = trim(s.stage_id)
  where trim(s.pipeline_id) <> '' and trim(s.stage_id) <> ''
  union all
  select
    pipeline_id, stage_id, stage_id as label, cast(null as bigint) as display_order,
    cast(null as double) as probability, coalesce(won_flag = 1, false) as is_won, is_closed,
    true as is_active, false as is_listed
  from seen
  union all
  select
    pipeline_id, stage_id, stage_id as label, 0 as display_order, cast(null as double) as probability,
    false as is_won, false as is_closed, false as is_active, false as is_listed
  from gone
),
numbered as (
  select
    t.*,
    row_number() over (
      partition by t.pipeline_id, t.stage_id
      order by case when t.is_listed then 0 else 1 end, case when t.is_active then 0 else 1 end,
        coalesce(t.display_order, 99), t.label
    ) as place
  from told as t
)
select
  pipeline_id, stage_id, label, display_order, probability, is_won,
  is_closed or is_won as is_closed, is_active, is_listed
from numbered
where place = 1
