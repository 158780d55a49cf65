/*---
label: Leads and their opportunities
grain: one row per lead and opportunity it led to
key: [lead_id, opportunity_id]
time: created_date
needs: [lead, opportunity]
questions:
  - "Which opportunities came of which leads?"
---*/
-- The link is kept by the lead (it was converted) or by the opportunity (its source lead).
-- `place` 1 is the one lead an opportunity's revenue is counted for, so that sums stay right.
with links as (
  select l.id as lead_id, o.id as opportunity_id, 0 as is_source
  from lead as l
  inner join opportunity as o on o.id = l.converted_opportunity_id
  union all
  select l.id as lead_id, o.id as opportunity_id, 1 as is_source
  from opportunity as o
  inner join lead as l on l.id = o.source_lead_id
),
pairs as (
  select lead_id, opportunity_id, max(is_source) as is_source_lead
  from links
  group by lead_id, opportunity_id
)
select
  p.lead_id as lead_id,
  p.opportunity_id as opportunity_id,
  o.created_date as created_date,
  row_number() over (
    partition by p.opportunity_id order by p.is_source_lead desc, p.lead_id
  ) as place
from pairs as p
inner join opportunity as o on o.id = p.opportunity_id
