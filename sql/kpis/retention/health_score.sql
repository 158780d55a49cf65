/*---
label: Customer health score
question: How are our customers doing?
definition: Mean over customers of the weighted mean of six signals from 0 to 100 (usage, tickets, sentiment, relationship, payment, renewal); the weights are settings.
unit: score 0-100
good: up
kind: quality
signal: leading
use: operating
journey: retention
time: as_of_date
over_time: last
owner: cs_manager
refresh: daily
review: weekly customer success review
thresholds: {warn: 65, act: 50}
action: Find the signal that fell most since the last review. Give its five worst customers to their customer success managers.
needs: [account]
examples:
  - rows: [{customer_health: 80}, {customer_health: 40}, {customer_health: null}]
    value: 60
edge_cases:
  - a missing signal is left out and the weights of the others are rescaled; health_signals says how many there were
  - without any signal the score of the customer success tool stands in, else there is none
---*/
select avg(customer_health)
from accounts
