/*---
label: Email click rate
question: Do our offers work?
definition: Emails clicked by a person at least once over emails delivered.
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: lead generation
time: sent_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 0.02, act: 0.01}
action: Keep one offer and one button. Test it against the present email.
needs: [email_event]
calculator: {is_clicked: clicked, is_delivered: delivered}
examples:
  - given: {clicked: 30, delivered: 1000}
    value: 0.03
edge_cases:
  - many clicks of one recipient count once
  - "nothing delivered: null"
---*/
select 1.0 * sum(is_clicked) / nullif(sum(is_delivered), 0)
from email_recipients
