/*---
label: Customer effort score
question: "How hard is it to get help from us?"
definition: "Mean effort answer on the survey's own scale, turned round when the profile says that a high answer means ease (ces_high_means); high is bad."
unit: number
good: down
kind: quality
signal: lagging
use: operating
journey: retention
time: responded_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Read the comments of the hardest fifth. Remove one step of the journey they name most.
needs: [survey_response]
edge_cases:
  - "the scale's direction is named in the profile"
  - not answered is left out
examples:
  - rows:
      - {effort: 2}
      - {effort: 5}
      - {effort: null}
    value: 3.5
---*/
select avg(effort)
from survey_responses
