/*---
label: Average time to resolution
question: "How long until a problem is solved?"
definition: "Mean business hours from the opening of a ticket to its last resolution, over resolved tickets; the setting exclude_waiting takes out the time spent waiting for the customer."
unit: duration
good: down
kind: quality
signal: lagging
use: operating
journey: retention
time: resolved_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {warn: 24, act: 40}
action: Read the ten slowest tickets of the period. Remove the hand-over that cost most time.
needs: [ticket]
edge_cases:
  - "reopened: to the last resolution"
  - "open tickets are left out, not zero"
  - a resolution before the opening is a data fault and left out
  - waiting for the customer is optionally out
examples:
  - rows:
      - {resolution_hours: 2}
      - {resolution_hours: 10}
      - {resolution_hours: null}
    value: 6
---*/
select avg(resolution_hours)
from tickets
