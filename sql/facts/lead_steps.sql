/*---
label: Lead steps
grain: one row per lead and step of the way to a customer that it reached
time: created_date
needs: [lead]
opens: {lead_id: lead}
dimensions: {step: Step, owner: Owner, team: Team, lead_source: Lead source, campaign: Campaign, channel: Channel, industry: Industry, country: Country, maturity: Cohort}
columns: {lead_name: Lead, created_date: Created}
personal: {lead_name: lead_id}
measures:
  leads_at_step: {label: Leads, unit: count, sql: sum(is_reached)}
questions:
  - "Where do leads get lost on the way to a customer?"
---*/
-- By the day the lead was made, so that a step never holds more leads than the one before it.
with steps as (
  select 1 as step_no, '1 Lead' as step
  union all select 2, '2 Marketing qualified'
  union all select 3, '3 Sales qualified'
  union all select 4, '4 Opportunity'
  union all select 5, '5 Customer'
)
select
  l.lead_id, s.step, l.lead_name, l.owner, l.team, l.lead_source, l.campaign, l.channel, l.industry,
  l.country, l.maturity, l.created_date,
  case s.step_no
    when 1 then 1
    when 2 then l.is_qualified
    when 3 then l.is_sql
    when 4 then l.is_opportunity
    else l.is_opportunity * l.is_customer
  end as is_reached
from leads as l
cross join steps as s
