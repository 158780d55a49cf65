/*---
label: Customer satisfaction (CSAT)
question: "Are customers satisfied with the help they got?"
definition: "CSAT answers in the top two boxes of their scale (4 or 5 of five) over CSAT answers; surveys not answered are left out, the response rate stands beside it."
unit: percent
good: up
kind: quality
signal: lagging
use: reporting
journey: retention
time: responded_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {warn: 0.85, act: 0.75}
action: Call back every customer who answered in the lowest box within two days. Bring the most frequent reason to the review.
needs: [survey_response]
edge_cases:
  - a scale of two points has one top box
  - a scale finer than eleven points is cut in five equal boxes
  - a score outside its scale is no answer
  - not answered is in neither side
calculator: {is_satisfied: satisfied, is_csat_answer: answers}
examples:
  - given: {satisfied: 42, answers: 50}
    value: 0.84
---*/
select 1.0 * sum(is_satisfied) / nullif(sum(is_csat_answer), 0)
from survey_responses
