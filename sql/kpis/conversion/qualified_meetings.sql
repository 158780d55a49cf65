/*---
label: Qualified meetings
question: Do we meet the right people?
definition: Meetings held with a contact of a deal that was open on the day, or of a lead that was qualified by then.
unit: count
good: up
kind: quality
signal: leading
use: operating
journey: sale
time: activity_date
over_time: sum
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Drop the meetings that lead to no deal from the plan of the week. Book two with contacts of open deals instead.
needs: [activity, opportunity, activity.activity_type, activity.status]
calculator: {is_qualified_meeting: meetings}
examples:
  - given: {meetings: 5}
    value: 5
edge_cases:
  - planned and cancelled meetings are out
  - a meeting that fits several ways counts once
---*/
select coalesce(sum(is_qualified_meeting), 0)
from activities
