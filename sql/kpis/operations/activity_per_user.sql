/*---
label: Activity level per user
question: "How much is done in the CRM?"
definition: "Records created or changed (by the audit log, where there is one) plus activities logged, per licensed user and week."
unit: number
good: up
kind: activity
signal: leading
use: operating
journey: all
time: week_date
over_time: ratio
owner: crm_manager
refresh: daily
review: monthly CRM adoption review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: "Compare teams, not people. Where it fell, ask what is kept outside the CRM and bring it in."
needs: [user, activity]
edge_cases:
  - activities in the audit log are not counted twice
  - users without a licence are in neither side
calculator: {licensed_work_done: changes + activities, is_licensed: user_weeks}
examples:
  - given: {changes: 30, activities: 70, user_weeks: 10}
    value: 10
---*/
select 1.0 * sum(licensed_work_done) / nullif(sum(is_licensed), 0)
from user_weeks
