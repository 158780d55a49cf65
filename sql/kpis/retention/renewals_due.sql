/*---
label: Renewals due
question: What falls due in the next 90 days?
definition: Annual value of open contracts due from today to 90 days ahead; the column due_bucket splits it into 30, 60 and 90 days.
unit: money
good: up
kind: outcome
signal: leading
use: operating
journey: retention
time: due_date
over_time: sum
owner: cs_manager
refresh: daily
review: weekly customer success review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Name an owner and a next step for every contract due in 30 days. Take those at risk to the sales manager today.
needs: [subscription, subscription.mrr, subscription.status, renewal | subscription.current_term_end]
examples:
  - rows: [{arr_due_in_90: 1200}, {arr_due_in_90: 0}, {arr_due_in_90: 600}]
    value: 1800
edge_cases:
  - overdue contracts are listed on their own and are not in the value
  - an early renewal is settled and no longer due
---*/
select sum(arr_due_in_90)
from renewals
