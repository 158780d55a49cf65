/*---
label: Ticket volume and trend
question: "Do customers need more help than usual?"
definition: Tickets opened in the period; merged and deleted ones are not counted. Usual volume beside it is the mean of the 28 days before (ticket_days.usual_opened).
unit: count
good: down
kind: activity
signal: leading
use: operating
journey: retention
time: created_date
over_time: sum
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Find the category that grew most against its usual volume. Agree a fix or an article for it with its product owner this week.
needs: [ticket, ticket.status]
edge_cases:
  - merged and deleted tickets never count
  - "a reopened ticket counts once, on the day it was first opened"
examples:
  - rows:
      - {ticket_id: a}
      - {ticket_id: b}
    value: 2
---*/
select count(ticket_id)
from tickets
