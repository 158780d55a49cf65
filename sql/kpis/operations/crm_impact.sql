/*---
label: Before and after the CRM change
question: Did the change of the CRM do any good?
definition: "Mean relative improvement of the reporting KPIs over the six months after a marked date against the six months before it, in percent points; a fall counts as improvement where lower is better. Filtered to one KPI: its own."
unit: points
good: up
kind: outcome
signal: lagging
use: reporting
journey: all
time: none
over_time: ratio
owner: crm_manager
refresh: monthly
review: quarterly business review
thresholds: {warn: 0, act: -5}
action: Take the three KPIs that fell most. Find the step of the new way of working behind each and mend or undo it.
calculator: {improvement: (after - before) / abs(before)}
examples:
  - given: {before: "0.2", after: "0.25"}
    value: 25
  - given: {before: "100,50", after: "110,45"}
    value: 0
edge_cases:
  - without a marked date (setting crm_change_date) there is no value
  - the month of the change counts on neither side, unless the change is on its first day
  - of the months after the change only complete ones count
  - a KPI without a value on either side is left out
  - a level, such as MRR, is taken at the end of its window
  - it is a comparison, not a proof; a season or a price change moves the same KPIs
---*/
select 100.0 * sum(improvement) / nullif(count(improvement), 0)
from crm_impacts
