/*---
label: Customer acquisition cost
question: What does a new customer cost us?
definition: Sales and marketing spend of the period (booked cac_lag_days later where the profile says so) over new customers of the period, by first won opportunity, else first subscription.
unit: money
good: down
kind: outcome
signal: lagging
use: reporting
journey: sale
time: month_date
over_time: ratio
owner: {cmo: the spend on marketing, cro: the spend on sales and the new customers}
refresh: monthly
review: monthly executive review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Split the rise into spend and customers won. Freeze the channel whose cost grew without new customers.
needs: [marketing_spend, opportunity]
calculator: {acquisition_cost: spend, new_customers: customers}
examples:
  - given: {spend: 50000, customers: 25}
    value: 2000
  - given: {spend: 50000, customers: 0}
    value: null
edge_cases:
  - "no new customers: null, never 0"
  - fully loaded where the spend table holds salaries and tools (platform 'sales')
  - "sales cost is not split by channel: it stands in the channel it was booked on"
---*/
select 1.0 * sum(acquisition_cost) / nullif(sum(new_customers), 0)
from acquisition_months
