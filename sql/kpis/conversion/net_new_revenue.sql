/*---
label: Net-new revenue
question: How much do new customers bring?
definition: Won amount of the first purchase of an account, by close date; the annual recurring part where the deal has one, so the first year of a subscription.
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: closed_date
over_time: sum
owner: cro
refresh: daily
review: monthly executive review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Compare with the plan for new business. Decide whether hunters or marketing get the next month of effort.
needs: [opportunity, opportunity.amount, opportunity.status]
calculator: {net_new_amount: revenue}
examples:
  - given: {revenue: 1000}
    value: 1000
edge_cases:
  - expansions and renewals are out
  - all deals of an account that were won on its first day count
  - a won deal without an account counts as a new customer
---*/
select sum(net_new_amount)
from opportunities
