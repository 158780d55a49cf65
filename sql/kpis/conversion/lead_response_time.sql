/*---
label: Lead response time
question: How soon do we answer a new lead?
definition: Median business hours from the creation of a lead to the first outbound activity; leads not yet answered are open, not zero, and count in the SLA.
unit: duration
good: down
kind: activity
signal: leading
use: operating
journey: qualification
time: created_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 4, act: 8}
action: Reassign the leads that wait today. Set a rota for the hours in which most of them come in.
needs: [lead, activity, activity.occurred_at | activity.completed_at | lead.first_response_at]
examples:
  - rows: [{response_hours: 1}, {response_hours: 2}, {response_hours: 9}, {response_hours: null}]
    value: 2
  - rows: [{response_hours: null}]
    value: null
edge_cases:
  - a lead never answered is not in the median
  - a response before the lead was created is a fault of the data and is left out
  - nights, weekends and holidays do not count
---*/
select percentile_cont(0.5) within group (order by response_hours)
from leads
