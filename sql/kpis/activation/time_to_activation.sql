/*---
label: Activation time
question: How long until a customer gets value?
definition: Median days from the contract start to the last core event, over customers that reached every core event.
unit: days
good: down
kind: quality
signal: leading
use: operating
journey: onboarding
time: start_date
over_time: ratio
owner: cs_manager
refresh: daily
review: weekly onboarding review
thresholds: {warn: 21, act: 30}
action: Look at the three slowest customers of the month and the day each waited for. Take over the step that waits longest.
needs: [account, product_usage_event]
examples:
  - rows: [{days_to_activation: 4}, {days_to_activation: 10}, {days_to_activation: 30}, {days_to_activation: null}]
    value: 10
edge_cases:
  - customers not activated yet are left out; read it beside the activation rate
  - use before the start (a trial) counts as day 0
---*/
select percentile_cont(0.5) within group (order by days_to_activation)
from onboardings
