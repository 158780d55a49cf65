/*---
label: Customer lifetime value
question: What is a customer worth over time?
definition: Subscriptions - annual margin per customer times the lifespan in years, which is 1 over the churn of the last 12 months; no subscriptions - average purchase times purchases per customer so far.
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: as_of_date
over_time: last
owner: cfo
refresh: weekly
review: quarterly business review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Compare with acquisition cost by segment. Stop spending where a customer costs more than a third of the value.
needs: [account]
calculator: {mrr: "0", annual_margin: "0", is_customer: "0", lost_since_customers: "0", year_ago_customers: "0", lifespan_cap_years: "0", purchase_amount: purchase * purchases_a_year * years, is_buyer: "1"}
examples:
  - given: {purchase: 50, purchases_a_year: 4, years: 3}
    value: 600
  - rows: [{mrr: 100, annual_margin: 960, is_customer: 1, lost_since_customers: 0, year_ago_customers: 1, lifespan_cap_years: 5, purchase_amount: 0, is_buyer: 0}, {mrr: 0, annual_margin: 0, is_customer: 0, lost_since_customers: 1, year_ago_customers: 1, lifespan_cap_years: 5, purchase_amount: 0, is_buyer: 0}]
    value: 1920
edge_cases:
  - no churn gives the lifespan of the setting lifespan_cap_years (5), never an endless one
  - no customers and no purchases give no value
  - purchase frequency times lifespan is the number of purchases per buyer
---*/
select
  case
    when sum(mrr) > 0 then 1.0 * sum(annual_margin) / nullif(sum(is_customer), 0)
      * case
          when sum(lost_since_customers) * max(lifespan_cap_years) <= sum(year_ago_customers)
            then max(lifespan_cap_years)
          else 1.0 * sum(year_ago_customers) / sum(lost_since_customers)
        end
    else 1.0 * sum(purchase_amount) / nullif(sum(is_buyer), 0)
  end
from accounts
