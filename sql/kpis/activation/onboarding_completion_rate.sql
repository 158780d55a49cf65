/*---
label: Onboarding completion
question: Do new customers finish onboarding?
definition: Customers that reached every core event over customers who started more than onboarding_days (60) ago, by the month of start.
unit: percent
good: up
kind: outcome
signal: leading
use: reporting
journey: onboarding
time: start_date
over_time: ratio
owner: cs_manager
refresh: daily
review: weekly onboarding review
thresholds: {warn: 0.80, act: 0.65}
action: Call each customer on the late list this week. Remove the step at which most of them stopped, or do it for them.
needs: [account, product_usage_event]
examples:
  - rows: [{is_onboarding_due: 1, is_complete_due: 1}, {is_onboarding_due: 1, is_complete_due: 0}, {is_onboarding_due: 0, is_complete_due: 0}]
    value: 0.5
edge_cases:
  - onboarding that is not due yet is in neither
  - finished late counts as finished
  - no core event in the usage data gives no rate, not zero
---*/
select 1.0 * sum(is_complete_due) / nullif(sum(is_onboarding_due), 0)
from onboardings
