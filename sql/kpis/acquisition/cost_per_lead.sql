/*---
label: Cost per lead
question: What does a lead cost us?
definition: Marketing spend of the period over leads created in it; sales cost is out.
unit: money
good: down
kind: outcome
signal: lagging
use: operating
journey: lead generation
time: month_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Pause the channel with the highest cost per lead. Move its budget to the cheapest one with a fair qualified rate.
needs: [marketing_spend, lead]
calculator: {marketing_cost: spend, leads_created: leads}
examples:
  - given: {spend: 5000, leads: 100}
    value: 50
edge_cases:
  - "no leads: null"
  - "a channel without spend rows: null, not 0"
---*/
select 1.0 * sum(marketing_cost) / nullif(sum(leads_created), 0)
from acquisition_months
