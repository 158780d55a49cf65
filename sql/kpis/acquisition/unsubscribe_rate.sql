/*---
label: Unsubscribe rate
question: Who stops listening?
definition: Emails after which the recipient unsubscribed (once per email and recipient) over emails delivered.
unit: percent
good: down
kind: quality
signal: leading
use: operating
journey: retention
time: sent_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 0.005, act: 0.01}
action: Halve the sending frequency for the segment with the steepest rise. Ask ten of those who left why.
needs: [email_event]
calculator: {is_unsubscribed: unsubscribed, is_delivered: delivered}
examples:
  - given: {unsubscribed: 5, delivered: 1000}
    value: 0.005
edge_cases:
  - a repeated unsubscribe counts once
  - "nothing delivered: null"
---*/
select 1.0 * sum(is_unsubscribed) / nullif(sum(is_delivered), 0)
from email_recipients
