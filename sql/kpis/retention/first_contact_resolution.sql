/*---
label: First contact resolution
question: "How often does one answer suffice?"
definition: "Resolved tickets with exactly one public agent reply that were not reopened, over resolved tickets whose number of replies is known."
unit: percent
good: up
kind: quality
signal: lagging
use: operating
journey: retention
time: resolved_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {warn: 0.65, act: 0.5}
action: Read twenty tickets that took more than one reply in the weakest category. Give agents the missing answer or right.
needs: [ticket]
edge_cases:
  - a reopened ticket is no first contact resolution
  - tickets whose number of replies is unknown are in neither side
calculator: {is_first_contact: first_contact, is_resolved_counted: resolved}
examples:
  - given: {first_contact: 30, resolved: 40}
    value: 0.75
  - given: {first_contact: 0, resolved: 0}
    value: null
---*/
select 1.0 * sum(is_first_contact) / nullif(sum(is_resolved_counted), 0)
from tickets
