/*---
label: Email open rate
question: Do our subject lines work?
definition: Emails opened by a person at least once over emails delivered; opens the vendor flags as made by machines are out.
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
thresholds: {warn: 0.2, act: 0.15}
action: Test two subject lines on a tenth of the list. Send the winner.
needs: [email_event]
calculator: {is_opened: opened, is_delivered: delivered}
examples:
  - given: {opened: 250, delivered: 1000}
    value: 0.25
edge_cases:
  - many opens of one email by one recipient count once
  - "nothing delivered: null"
---*/
select 1.0 * sum(is_opened) / nullif(sum(is_delivered), 0)
from email_recipients
