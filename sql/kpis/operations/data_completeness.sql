/*---
label: Data completeness
question: "Can the rest be trusted today?"
definition: "Required fields that are filled over required fields, over accounts, contacts, open leads and opportunities; placeholders count as empty, fields the source does not supply are left out."
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
thresholds: {warn: 0.9, act: 0.8}
action: Send each owner the list of their records to mend. Make the emptiest field required at the stage where it is first known.
needs: [account]
edge_cases:
  - "placeholders ('n/a', 'test', '-') count as empty"
  - converted leads are out of scope
  - a field the source does not have is no omission
calculator: {is_filled: filled, is_required: required}
examples:
  - given: {filled: 90, required: 100}
    value: 0.9
  - given: {filled: 0, required: 0}
    value: null
scorecard: {period: now}
---*/
select 1.0 * sum(is_filled) / nullif(sum(is_required), 0)
from record_quality
