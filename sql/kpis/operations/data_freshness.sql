/*---
label: Data freshness
question: "How old is what I am looking at?"
definition: "Hours since the newest change seen in each source and entity, the stalest of those in view, in whole days times 24 because only the day of now is known; 0 is today."
unit: duration
good: down
kind: quality
signal: leading
use: operating
journey: all
time: as_of_date
over_time: last
owner: revops
refresh: daily
review: weekly operations review
thresholds: {warn: 48, act: 168}
action: "Check the loader of the stalest source. If its last load is recent, ask its users why nothing changes."
edge_cases:
  - "an entity without rows has no freshness, not zero"
  - a date in the future counts as today
examples:
  - rows:
      - {hours_since_change: 0}
      - {hours_since_change: 48}
    value: 48
---*/
select max(hours_since_change)
from data_freshness
