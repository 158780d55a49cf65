/*---
derived_without: [deal_stage, deal_property_history]
---*/
-- Stages come from Fivetran's deal_stage, else from the property history, else there is one flagged
-- row: a closed deal was closed on its close date, an open one is where it is. A history that does
-- not end there (a loader may miss the last change) gets that row too: at the close, or at the last
-- change of the deal. Of two stages at one moment the present one is the last, else that further
-- on. The stage of a row is the one as of then. A stage that only another pipeline has is one of
-- before the deal moved.
with users_owner as (
  select active_user_id, min(id) as owner_id
  from owner
  where active_user_id is not null
  group by active_user_id
),
deals as (
  select
    d.id, d.createdate, d.closedate, d.updated_at,
    coalesce(d.is_deleted, false) or coalesce(d._fivetran_deleted, false) or g.id is not null
      as is_deleted,
    coalesce(nullif(trim(d.deal_pipeline_id), ''), '(none)') as pipeline_key,
    coalesce(nullif(trim(d.deal_pipeline_stage_id), ''), '(none)') as stage_key
  from deal as d
  left join gone_deal as g on g.id = d.id
  where d.id is not null
),
elsewhere as (
  select stage_id, min(pipeline_id) as pipeline_id from stage_place group by stage_id
),
placed as (
  select d.*, coalesce(k.is_closed, false) as is_closed
  from deals as d
  left join stage_place as k on k.pipeline_id = d.pipeline_key and k.stage_id = d.stage_key
),
recorded as (
  select
    deal_id, changed_at, user_id, 'stage' as field, 4 as rank_no, stage_id as new_value,
    false as is_reconstructed
  from stage_change
  union all
  select
    h.deal_id, h.changed_at, h.user_id,
    case lower(trim(h.name))
      when 'amount' then 'amount'
      when 'closedate' then 'expected_close_date'
      when 'hubspot_owner_id' then 'owner'
      else 'forecast_category'
    end as field,
    case lower(trim(h.name)) when 'amount' then 1 when 'closedate' then 2 else 3 end as rank_no,
    nullif(trim(h.value), '') as new_value, false as is_reconstructed
  from deal_property_history as h
  where h.deal_id is not null and h.changed_at is not null and lower(trim(h.name)) in (
    'amount', 'closedate', 'hubspot_owner_id', 'hs_manual_forecast_category'
  )
),
ordered as (
  select
    r.*,
    case when r.field = 'stage' and r.new_value = d.stage_key then 1 else 0 end as is_present,
    case when r.field = 'stage' then coalesce(k.display_order, 99) else 0 end as stage_order
  from recorded as r
  left join deals as d on d.id = r.deal_id
  left join stage_place as k on k.pipeline_id = d.pipeline_key and k.stage_id = r.new_value
),
ranked as (
  select
    o.*,
    row_number() over (
      partition by deal_id, field
      order by changed_at desc, is_present desc, stage_order desc, coalesce(new_value, '') desc,
        coalesce(user_id, '') desc
    ) as from_last
  from ordered as o
),
ends as (
  select
    d.*, l.new_value as last_stage, l.changed_at as last_at,
    case
      when d.is_closed then coalesce(d.closedate, d.createdate)
      when l.deal_id is not null then d.updated_at
      else d.createdate
    end as told_at
  from placed as d
  left join ranked as l on l.deal_id = d.id and l.field = 'stage' and l.from_last = 1
),
changes as (
  select
    deal_id, changed_at, user_id, field, rank_no, new_value, is_reconstructed, is_present,
    stage_order
  from ranked
  union all
  select
    id as deal_id, case when last_at is null or told_at > last_at then told_at else last_at end
      as changed_at,
    cast(null as varchar) as user_id, 'stage' as field, 4 as rank_no, stage_key as new_value,
    true as is_reconstructed, 2 as is_present, 0 as stage_order
  from ends
  where last_stage is null or last_stage <> stage_key
),
compared as (
  select
    c.*,
    row_number() over (
      partition by deal_id, field
      order by changed_at, is_present, stage_order, coalesce(new_value, ''), coalesce(user_id, '')
    ) as place,
    lag(new_value) over (
      partition by deal_id, field
      order by changed_at, is_present, stage_order, coalesce(new_value, ''), coalesce(user_id, '')
    ) as old_value
  from changes as c
  where changed_at is not null
),
spans as (
  select
    c.*,
    lead(changed_at) over (partition by deal_id order by changed_at, rank_no, place) as valid_to,
    sum(case when field = 'stage' then 1 else 0 end)
      over (partition by deal_id order by changed_at) as stage_no
  from compared as c
  where place = 1 or coalesce(new_value, '') <> coalesce(old_value, '')
),
dense as (
  select
    s.*,
    case when field = 'stage' then place else
      max(case when field = 'stage' then place end) over (partition by deal_id, stage_no)
    end as stage_place
  from spans as s
)
select
  h.deal_id || '/' || h.field || '/' || cast(h.place as varchar) as id,
  h.changed_at as created_at,
  coalesce(d.is_deleted, false) as is_deleted,
  h.deal_id as opportunity_id,
  h.changed_at,
  h.valid_to,
  u.owner_id as changed_by_id,
  h.field,
  h.old_value,
  h.new_value,
  coalesce(k.pipeline_id, e.pipeline_id) || '/' || g.new_value as stage_id,
  h.is_reconstructed
from dense as h
left join deals as d on d.id = h.deal_id
left join compared as g
  on g.deal_id = h.deal_id and g.field = 'stage' and g.place = h.stage_place
left join stage_place as k on k.pipeline_id = d.pipeline_key and k.stage_id = g.new_value
left join elsewhere as e on e.stage_id = g.new_value
left join users_owner as u on u.active_user_id = replace(h.user_id, 'userId:', '')
