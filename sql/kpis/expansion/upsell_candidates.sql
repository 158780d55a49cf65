/*---
label: Upsell candidates
question: Who may buy more?
definition: Healthy customers near the seat limit, with growing usage, or without every product family; the reason is listed.
unit: count
good: up
kind: quality
signal: leading
use: operating
journey: retention
time: as_of_date
over_time: last
owner: cs_manager
refresh: daily
review: weekly customer success review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Give every candidate an owner and a first call within two weeks. Strike out those with a reason not to ask.
needs: [account]
examples:
  - rows: [{is_upsell_candidate: 1}, {is_upsell_candidate: 0}]
    value: 1
edge_cases:
  - a customer whose health is under the setting healthy_from (70) is no candidate, whatever the usage
---*/
select sum(is_upsell_candidate)
from accounts
