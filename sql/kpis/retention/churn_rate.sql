/*---
label: Churn rate
question: How many customers do we lose?
definition: Customers at the start who are none at the end, over customers at the start; 1 less the retention rate. A filter picks one period type; the thresholds are for trailing_year.
unit: percent
good: down
kind: outcome
signal: lagging
use: reporting
journey: retention
time: period_start
over_time: last
owner: cs_manager
refresh: daily
review: monthly executive review
thresholds: {warn: 0.10, act: 0.15}
action: Call the customers lost this month and write down why. Move the most common reason into the risk list of customers still here.
needs: [subscription, subscription.ended_at | mrr_movement]
calculator: {start_customers: start, churned_customers: lost}
examples:
  - given: {start: 100, lost: 5}
    value: 0.05
edge_cases:
  - monthly churn is not a third of quarterly churn, so the period type decides
  - a customer who leaves and returns inside the period is not lost
  - no customers at the start gives no rate
---*/
select 1.0 * sum(churned_customers) / nullif(sum(start_customers), 0)
from account_periods
