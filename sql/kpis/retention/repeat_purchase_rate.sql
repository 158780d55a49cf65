/*---
label: Repeat purchase rate
question: Do customers buy again?
definition: Customers with a second or later purchase over customers with any purchase in the range.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: purchase_date
over_time: ratio
owner: cs_manager
refresh: daily
review: monthly executive review
thresholds: {warn: 0.25, act: 0.15}
action: Write to the customers whose second purchase is late against the median gap. Test one offer for a month.
needs: [account]
examples:
  - rows: [{account_id: a, purchase_no: 1}, {account_id: a, purchase_no: 2}, {account_id: b, purchase_no: 1}]
    value: 0.5
edge_cases:
  - invoices of subscriptions are not purchases
  - void and draft documents are not purchases
  - nobody bought gives no rate
---*/
select
  1.0 * count(distinct case when purchase_no >= 2 then account_id end)
  / nullif(count(distinct account_id), 0)
from purchases
