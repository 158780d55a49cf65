/*---
label: Net promoter score
question: "Would customers recommend us?"
definition: "Percent of answers 9 to 10 minus percent of answers 0 to 6 on a scale of 0 to 10, with one answer per respondent and quarter, the last."
unit: score -100..100
good: up
kind: quality
signal: lagging
use: reporting
journey: retention
time: responded_date
over_time: ratio
owner: cs_manager
refresh: daily
review: monthly customer review
thresholds: {warn: 30, act: 0}
action: Let each account manager call their detractors within a week. Name the one cause most of them share and who removes it.
needs: [survey_response]
edge_cases:
  - "one answer per respondent and period, the last"
  - "on another scale only the survey tool's own grouping counts"
  - not answered is in neither side
calculator: {is_promoter: promoters, is_detractor: detractors, is_nps_answer: promoters + passives + detractors}
examples:
  - given: {promoters: 5, passives: 3, detractors: 2}
    value: 30
  - given: {promoters: 0, passives: 0, detractors: 0}
    value: null
---*/
select 100.0 * (sum(is_promoter) - sum(is_detractor)) / nullif(sum(is_nps_answer), 0)
from survey_responses
