/*---
label: Core events per customer
question: Do customers use what gives them value?
definition: Core product events over active customers, which are accounts with any usage in the range; which events count is the setting value_events.
unit: number
good: up
kind: activity
signal: leading
use: operating
journey: onboarding
time: event_date
over_time: ratio
owner: product_manager
refresh: daily
review: weekly product review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Find the core event that fell most. Check the last release and the guide for it.
needs: [product_usage_event, product_usage_event.feature]
examples:
  - rows: [{account_id: a, core_events: 4}, {account_id: a, core_events: 2}, {account_id: b, core_events: 0}]
    value: 3
edge_cases:
  - an account active on many days is one active customer
  - no usage gives no value
---*/
select 1.0 * sum(core_events) / nullif(count(distinct account_id), 0)
from usage_days
