/*---
label: Marketing ROI
question: Does marketing earn more than it costs?
definition: Won revenue attributed to campaigns by the attribution model of the profile (linear unless set), less marketing cost, over marketing cost of the same months.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: month_date
over_time: ratio
owner: cmo
refresh: monthly
review: monthly executive review
thresholds: {warn: 1.0, act: 0.0}
action: End the campaigns that cost more than they brought in two quarters. Move their budget to the best channel.
needs: [marketing_spend, opportunity, campaign_member]
calculator: {attributed_revenue: revenue, marketing_cost: cost}
examples:
  - given: {revenue: 150000, cost: 50000}
    value: 2.0
  - given: {revenue: 150000, cost: 0}
    value: null
edge_cases:
  - "no marketing cost: null"
  - revenue that no campaign touched is out
---*/
select
  1.0 * (sum(attributed_revenue) - sum(marketing_cost)) / nullif(sum(marketing_cost), 0)
from acquisition_months
