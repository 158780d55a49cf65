/*---
label: Lead scoring accuracy
question: Does a higher lead score mean a better lead?
definition: "Area under the ROC curve of the lead score against becoming a customer, over closed cohorts: the share of pairs of a customer and a lost lead in which the customer scores higher, ties half. Under a filter: the customers in view against all lost leads."
unit: ratio
good: up
kind: quality
signal: leading
use: reporting
journey: qualification
time: created_date
over_time: ratio
owner: revops
refresh: weekly
review: monthly scoring review
thresholds: {warn: 0.7, act: 0.6}
action: Refit the score on the last closed cohorts. Drop the rule that separates customers from lost leads least.
needs: [lead, lead.lead_score]
calculator:
  is_scored_customer: outcomes
  is_scored_lost: 1 - outcomes
  score_wins: >
    case when outcomes = 1 then
      (sum(1 - outcomes) over (order by scores) - 0.5 * sum(1 - outcomes) over (partition by scores))
      / nullif(sum(1 - outcomes) over (), 0)
    end
examples:
  - given: {scores: "1,2,3,4", outcomes: "0,0,1,1"}
    value: 1.0
  - given: {scores: "1,2,3,4", outcomes: "0,1,0,1"}
    value: 0.75
  - given: {scores: "1,1,2", outcomes: "0,1,1"}
    value: 0.75
  - given: {scores: "1,2", outcomes: "1,1"}
    value: null
edge_cases:
  - "one class only: null"
  - leads without a score and leads younger than maturity_days are out
  - 0.5 is a coin
---*/
select
  case
    when sum(is_scored_lost) > 0 then 1.0 * sum(score_wins) / nullif(sum(is_scored_customer), 0)
  end
from leads
