-- A business process flow over opportunities; `default` for opportunities without one.
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
wanted as (
  select coalesce(processid, 'default') as pipeline_id
  from processstage
  where lower(primaryentitytypecode) in ('opportunity', '3')
  union
  select pipeline_id from placed
)
select
  p.pipeline_id as id,
  case when p.pipeline_id = 'default' then 'Opportunities'
    else coalesce(nullif(trim(w.name), ''), '(none)') end as name,
  'opportunity' as object_type,
  true as is_active,
  row_number() over (order by case when p.pipeline_id = 'default' then 1 else 0 end, w.name, p.pipeline_id)
    as display_order
from wanted as p
left join workflow as w on w.workflowid = p.pipeline_id
