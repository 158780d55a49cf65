-- Stages of the processes that run over opportunities, in their category's order. Opportunities
-- without a process are placed by the text of their step. Each pipeline ends in won and lost.
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
),
every_stage as (
  select
    s.processstageid as id,
    coalesce(s.processid, 'default') as pipeline_id,
    coalesce(nullif(trim(s.stagename), ''), '(none)') as name,
    row_number() over (
      partition by coalesce(s.processid, 'default')
      order by coalesce(s.stagecategory, 99), s.stagename, s.processstageid
    ) as display_order,
    'open' as outcome
  from processstage as s
  inner join wanted as w on w.pipeline_id = coalesce(s.processid, 'default')
  where s.processstageid is not null
  union all
  select
    p.open_stage_id as id,
    'default' as pipeline_id,
    min(coalesce(nullif(trim(p.stepname), ''), 'Open')) as name,
    100 + row_number() over (order by p.open_stage_id) as display_order,
    'open' as outcome
  from placed as p
  where p.open_stage_id like 'default/%'
  group by p.open_stage_id
  union all
  select w.pipeline_id || '/won' as id, w.pipeline_id, 'Won' as name, 1000 as display_order, 'won' as outcome
  from wanted as w
  union all
  select w.pipeline_id || '/lost' as id, w.pipeline_id, 'Lost' as name, 1001 as display_order, 'lost' as outcome
  from wanted as w
)
select
  id,
  pipeline_id,
  name,
  'opportunity' as object_type,
  display_order,
  outcome <> 'open' as is_closed,
  outcome = 'won' as is_won,
  true as is_active
from every_stage
