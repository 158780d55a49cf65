/*---
label: Data accuracy
question: "Are the values possible at all?"
definition: "Values that pass their format and cross-field rules over values checked: without a reference this is validity, not truth."
unit: percent
good: up
kind: quality
signal: leading
use: reporting
journey: all
time: created_date
over_time: ratio
owner: revops
refresh: daily
review: monthly data quality review
thresholds: {warn: 0.95, act: 0.9}
action: Fix the source or form that lets the worst field in. Mend its records from the list.
needs: [account]
edge_cases:
  - empty fields are not checked
  - an address that bounced is not valid
calculator: {is_valid: valid, is_checked: checked}
examples:
  - given: {valid: 95, checked: 100}
    value: 0.95
---*/
select 1.0 * sum(is_valid) / nullif(sum(is_checked), 0)
from record_quality
