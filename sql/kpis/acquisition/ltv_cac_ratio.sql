/*---
label: LTV:CAC ratio
question: Is a customer worth what winning it costs?
definition: Customer lifetime value (monthly margin per customer over monthly churn, lifetime capped by max_lifetime_months) over customer acquisition cost, both of the same months and channels.
unit: ratio
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: month_date
over_time: ratio
owner: cfo
refresh: monthly
review: monthly executive review
thresholds: {warn: 3, act: 2}
action: "Below 3: stop adding spend. Mend the weaker side first, churn or acquisition cost."
needs: [marketing_spend, opportunity, subscription]
calculator: {start_margin: ltv, start_customers: '1', churned_customers: '1', lifetime_cap: '1', acquisition_cost: cac, new_customers: '1'}
examples:
  - given: {ltv: 9000, cac: 3000}
    value: 3.0
edge_cases:
  - "no churn: the lifetime is max_lifetime_months"
  - churn is of completed months only
  - "no new customers or no spend: null"
scorecard: {period: month}
---*/
select
  1.0 * sum(start_margin) / nullif(sum(start_customers), 0)
    * case
      when sum(churned_customers) * max(lifetime_cap) > sum(start_customers)
        then 1.0 * sum(start_customers) / sum(churned_customers)
      else max(lifetime_cap)
    end
    / nullif(1.0 * sum(acquisition_cost) / nullif(sum(new_customers), 0), 0)
from acquisition_months
