/*---
label: Emails sent
question: How many sales emails do we send?
definition: Completed outbound emails that belong to no support ticket, by the day they were sent.
unit: count
good: up
kind: activity
signal: leading
use: operating
journey: sale
time: activity_date
over_time: sum
owner: sales_rep
refresh: daily
review: daily sales stand-up
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Write to the open deals that heard nothing for a week. Use the template with the best reply rate.
needs: [activity, activity.direction, activity.activity_type, activity.status]
calculator: {is_email_sent: emails}
examples:
  - given: {emails: 5}
    value: 5
edge_cases:
  - where no activity has a direction it is not known, and no zero
  - emails of support tickets are out
  - campaign mailings are not activities and are out
---*/
select case when count(*) > 0 then sum(is_email_sent) else 0 end
from activities
