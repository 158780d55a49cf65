-- Dataverse tells since when an opportunity is in its stage, and when it was closed; of the stages
-- before that it keeps no times. So all rows are reconstructed: at most two per opportunity.
with instances as (
  select opportunityid, activestageid, activestagestartedon, statecode, modifiedon from opportunitysalesprocess
  union all
  select opportunityid, activestageid, activestagestartedon, statecode, modifiedon from leadtoopportunitysalesprocess
),
-- The stage of a process that an opportunity is in: of its active instance, the latest one.
active as (
  select
    i.opportunityid, i.activestageid, i.activestagestartedon,
    row_number() over (
      partition by i.opportunityid
      order by case when i.statecode = '0' then 0 else 1 end, i.modifiedon desc, i.activestageid
    ) as place
  from instances as i
  inner join processstage as s on s.processstageid = i.activestageid
),
placed as (
  select
    o.*,
    a.activestagestartedon,
    coalesce(s.processid, 'default') as pipeline_id,
    coalesce(s.processstageid, case when nullif(trim(o.stepname), '') is null then 'default/open'
      else 'default/step/' || trim(o.stepname) end) as open_stage_id,
    case o.statecode when '1' then 'won' when '2' then 'lost' else 'open' end as outcome
  from opportunity as o
  left join active as a on a.opportunityid = o.opportunityid and a.place = 1
  left join processstage as s on s.processstageid = coalesce(a.activestageid, o.stageid)
),
closes as (
  select opportunityid, max(createdon) as recorded_on, max(actualend) as ended_on
  from opportunityclose
  group by opportunityid
),
dated as (
  select
    p.*,
    x.recorded_on,
    case when p.activestagestartedon > p.createdon then p.activestagestartedon else p.createdon end
      as stage_since,
    coalesce(p.actualclosedate, cast(x.ended_on as date), cast(p.modifiedon as date)) as closed_on,
    coalesce(p.estimatedvalue_base, p.estimatedvalue / nullif(p.exchangerate, 0), p.estimatedvalue)
      as estimated,
    coalesce(p.actualvalue_base, p.actualvalue / nullif(p.exchangerate, 0), p.actualvalue) as actual
  from placed as p
  left join closes as x on x.opportunityid = p.opportunityid
),
timed as (
  select
    d.*,
    case when cast(d.recorded_on as date) = d.closed_on then d.recorded_on else cast(d.closed_on as timestamp) end
      as ended_at
  from dated as d
),
ordered as (
  select t.*, case when t.ended_at < t.createdon then t.createdon else t.ended_at end as closed_at
  from timed as t
),
changes as (
  select
    opportunityid, 1 as place, _fivetran_deleted,
    case when outcome <> 'open' and closed_at < stage_since then closed_at else stage_since end as changed_at,
    case when outcome <> 'open' then closed_at end as valid_to,
    cast(null as varchar) as old_value, open_stage_id as stage_id, estimated as amount,
    estimatedclosedate, closeprobability
  from ordered
  union all
  select
    opportunityid, 2 as place, _fivetran_deleted, closed_at as changed_at, cast(null as timestamp) as valid_to,
    open_stage_id as old_value, pipeline_id || '/' || outcome as stage_id,
    case when outcome = 'won' then coalesce(actual, estimated) else estimated end as amount,
    estimatedclosedate, closeprobability
  from ordered
  where outcome <> 'open'
)
select
  opportunityid || '/' || case when place = 1 then 'stage' else 'close' end as id,
  changed_at as created_at,
  coalesce(_fivetran_deleted, false) as is_deleted,
  opportunityid as opportunity_id,
  changed_at,
  valid_to,
  'stage' as field,
  old_value,
  stage_id as new_value,
  stage_id,
  amount,
  estimatedclosedate as expected_close_date,
  case when closeprobability between 0 and 100 then closeprobability / 100.0 end as probability,
  true as is_reconstructed
from changes
where opportunityid is not null and changed_at is not null
