/*---
label: First response time
question: "How long do customers wait for an answer?"
definition: "Median business hours from the opening of a ticket to the first public reply of an agent; automatic replies are no replies, tickets not yet answered are left out and listed as open."
unit: duration
good: down
kind: activity
signal: leading
use: operating
journey: retention
time: created_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {warn: 4, act: 8}
action: "Look at the hour and channel with the longest waits. Move a shift there, or staff a first-reply duty for two weeks."
needs: [ticket]
edge_cases:
  - automatic replies do not count
  - "no reply yet is open, not zero"
  - "nights, weekends and holidays of the business hours do not count"
  - the message that opens a ticket is no reply
examples:
  - rows:
      - {first_response_hours: 1}
      - {first_response_hours: 2}
      - {first_response_hours: 9}
      - {first_response_hours: null}
    value: 2
---*/
select percentile_cont(0.5) within group (order by first_response_hours)
from tickets
