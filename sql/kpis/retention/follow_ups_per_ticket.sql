/*---
label: Follow-ups per ticket
question: "How often do we have to write again?"
definition: "Public agent replies after the first, over resolved tickets whose number of replies is known."
unit: number
good: down
kind: quality
signal: lagging
use: operating
journey: retention
time: resolved_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {warn: 2, act: 4}
action: Take the category with the most follow-ups. Write the questions that were asked late into its ticket form.
needs: [ticket]
edge_cases:
  - tickets solved without a reply count with zero follow-ups
  - tickets whose number of replies is unknown are in neither side
calculator: {follow_ups: follow_ups, is_resolved_counted: resolved}
examples:
  - given: {follow_ups: 6, resolved: 4}
    value: 1.5
---*/
select 1.0 * sum(follow_ups) / nullif(sum(is_resolved_counted), 0)
from tickets
