/*---
label: Expansion conversion
question: How often do we win with existing customers?
definition: Expansion deals (upsell and cross-sell) won over expansion deals closed, by the date they were closed.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: closed_date
over_time: ratio
owner: cs_manager
refresh: daily
review: quarterly business review
thresholds: {warn: 0.3, act: 0.2}
action: Read the loss reasons of the expansion deals lost. Agree with sales on who makes the offer where it came too early.
needs: [opportunity, opportunity.opportunity_type, opportunity.status]
examples:
  - rows: [{opportunity_type: expansion, is_won: 1, is_closed: 1}, {opportunity_type: expansion, is_won: 0, is_closed: 1}, {opportunity_type: new_business, is_won: 1, is_closed: 1}]
    value: 0.5
edge_cases:
  - renewals and new business are in neither side
  - no expansion deal closed gives no rate
---*/
select
  1.0 * sum(case when opportunity_type = 'expansion' then is_won else 0 end)
  / nullif(sum(case when opportunity_type = 'expansion' then is_closed else 0 end), 0)
from opportunities
