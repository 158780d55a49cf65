/*---
label: Cost per qualified lead
question: What does a lead worth calling cost us?
definition: Marketing spend of the period over leads first qualified (MQL) in it.
unit: money
good: down
kind: outcome
signal: lagging
use: operating
journey: qualification
time: month_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 250, act: 350}
action: Cut the campaign furthest above its target by half. Move the money to the one furthest below.
needs: [marketing_spend, lead]
calculator: {marketing_cost: spend, qualified_leads: qualified}
examples:
  - given: {spend: 5000, qualified: 25}
    value: 200
edge_cases:
  - "no qualified leads: null"
---*/
select 1.0 * sum(marketing_cost) / nullif(sum(qualified_leads), 0)
from acquisition_months
