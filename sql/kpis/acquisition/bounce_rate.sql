/*---
label: Bounce rate
question: Do our emails arrive?
definition: Emails that bounced and never arrived over emails sent.
unit: percent
good: down
kind: quality
signal: leading
use: operating
journey: lead generation
time: sent_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 0.02, act: 0.05}
action: Remove hard bounces from the list today. Check the source that brought most of them.
needs: [email_event]
calculator: {is_bounced: bounced, is_sent: sent}
examples:
  - given: {bounced: 20, sent: 1000}
    value: 0.02
edge_cases:
  - a soft bounce that was delivered later is no bounce
  - "nothing sent: null"
---*/
select 1.0 * sum(is_bounced) / nullif(sum(is_sent), 0)
from email_recipients
