/*---
label: Win probability
question: "How many of the open deals will we win?"
definition: "Expected wins over open deals with a probability: the mean share of closed deals alike that were won. Alike is having come to the same stage (the furthest the open deal reached) with the same type and deal size where there are at least deal_min_cases (20) closed deals of that kind, else the same type, else all that came to the stage, else there is no probability."
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: sale
time: pipeline_date
over_time: last
owner: revops
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Ask for a plan for the large deals with a low probability, or close them. Give the time saved to the deals in the middle.
needs: [opportunity, opportunity_history, stage, opportunity.stage_id]
calculator: {open_rate: "1.0 * won / nullif(closed, 0)"}
examples:
  - given: {won: 12, closed: 30}
    value: 0.4
  - given: {won: 0, closed: 0}
    value: null
  - rows: [{open_rate: 0.2}, {open_rate: 0.7}, {open_rate: null}]
    value: 0.45
edge_cases:
  - "too little history: no probability, and the reasons say so; such a deal is in neither side"
  - skipped stages count as passed; a deal that went back keeps the furthest stage it reached
  - an open deal without recorded history is judged by its current stage
  - "closed deals are tested at the first stage of their pipeline: at the last stage they reached the answer would be half known, as those that came far are those that were won"
  - size and type of a closed deal are those it has today, not those it had in that stage
  - a closed deal is left out of its own rate
  - the probability the CRM holds is not used; it is win_probability of opportunities where there is no history
---*/
select 1.0 * sum(open_rate) / nullif(count(open_rate), 0)
from deal_predictions
