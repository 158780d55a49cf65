/*---
label: Lead conversion rate
question: How many leads become customers?
definition: Leads that became customers (their opportunity was won, or their account became a customer since) over leads created, by creation date.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: created_date
over_time: ratio
owner: {sales_manager: winning the deals, marketing_manager: the mix of sources}
refresh: daily
review: monthly lead generation review
thresholds: {warn: 0.05, act: 0.02}
action: Find the step that lost most leads against the quarter before. Marketing and sales mend it together.
needs: [lead, opportunity]
calculator: {is_customer: customers, is_lead: leads}
examples:
  - given: {customers: 50, leads: 200}
    value: 0.25
  - given: {customers: 10, leads: 100}
    value: 0.1
  - given: {customers: 0, leads: 0}
    value: null
edge_cases:
  - a lead of an account that was a customer before counts only when its own opportunity is won
  - young cohorts are in, and marked by the dimension maturity
---*/
select 1.0 * sum(is_customer) / nullif(sum(is_lead), 0)
from leads
