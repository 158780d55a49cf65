/*---
label: Product usage frequency
question: How often do customers come?
definition: Days with product usage in the last 28 days, per customer.
unit: number
good: up
kind: activity
signal: leading
use: operating
journey: retention
time: as_of_date
over_time: last
owner: product_manager
refresh: daily
review: weekly product review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: List the customers whose days halved. Hand them to customer success with the feature they stopped using.
needs: [account, product_usage_event]
examples:
  - rows: [{is_customer: 1, customer_active_days: 10}, {is_customer: 1, customer_active_days: null}, {is_customer: 0, customer_active_days: null}]
    value: 5
edge_cases:
  - a customer without any usage counts as zero days
  - no usage data at all gives no value
---*/
select 1.0 * sum(customer_active_days) / nullif(sum(is_customer), 0)
from accounts
