/*---
label: Activation (core events)
question: Do new customers get value in time?
definition: Customers that reached every core event within activation_days (30) of the start, over customers whose days have passed.
unit: percent
good: up
kind: outcome
signal: leading
use: reporting
journey: onboarding
time: start_date
over_time: ratio
owner: {product_manager: the core events and the way to them, cs_manager: the customers of the cohort}
refresh: daily
review: weekly onboarding review
thresholds: {warn: 0.70, act: 0.55}
action: Find the core event most customers miss. Change its first-use help and measure the next month's starts.
needs: [account, product_usage_event]
examples:
  - rows: [{is_activation_due: 1, is_activated_due: 1}, {is_activation_due: 1, is_activated_due: 1}, {is_activation_due: 1, is_activated_due: 0}, {is_activation_due: 0, is_activated_due: 0}]
    value: 0.6666666666666666
edge_cases:
  - a customer whose days have not passed is in neither, also when already activated
  - use before the start (a trial) counts as day 0
  - no core event in the usage data gives no rate, not zero
---*/
select 1.0 * sum(is_activated_due) / nullif(sum(is_activation_due), 0)
from onboardings
