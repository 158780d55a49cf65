/*---
label: Close date pushes
question: Whose close dates cannot be relied on?
definition: How many times the expected close date of an open deal was moved to a later day, by the day of the change.
unit: count
good: down
kind: quality
signal: leading
use: operating
journey: sale
time: changed_date
over_time: sum
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: 0.1, act: 0.25}
action: Take the deals pushed three times or more out of commit. Let their owners agree a date with the buyer in writing, or close them.
needs: [opportunity, opportunity.status, opportunity_history, opportunity_history.opportunity_id, opportunity_history.changed_at, opportunity_history.expected_close_date, stage]
calculator: {is_push: pushes}
examples:
  - given: {pushes: 3}
    value: 3
  - rows: [{is_push: 1}, {is_push: 0}, {is_push: 1}]
    value: 2
edge_cases:
  - each push counts, also one that is taken back later, and one within the same month
  - changes of one moment are one
  - the first close date of a deal, and one put in after there was none, is no push
  - the date that a CRM sets when a deal is closed is no push
---*/
select coalesce(sum(is_push), 0)
from close_date_changes
