/*---
label: Open ticket backlog
question: "Is the backlog growing, and how old is it?"
definition: "Tickets neither solved nor closed at the end of the day; a level, so the last day of the range counts and never a sum over days."
unit: count
good: down
kind: activity
signal: leading
use: operating
journey: retention
time: day_date
over_time: last
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: "Put two people on the oldest age band until it is empty. If it grew three weeks running, move capacity or raise the hiring need."
needs: [ticket]
edge_cases:
  - a day with nothing open counts as zero
  - a reopened ticket counts as open until its last resolution
calculator: {open_at_end: open}
examples:
  - given: {open: 12}
    value: 12
  - rows:
      - {open_at_end: 1}
      - {open_at_end: 1}
      - {open_at_end: 0}
    value: 2
---*/
select sum(open_at_end)
from ticket_days
