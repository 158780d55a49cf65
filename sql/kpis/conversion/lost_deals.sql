/*---
label: Lost deals by reason
question: Why do we lose?
definition: Number of deals lost, by close date; lost_amount is their value.
unit: count
good: down
kind: outcome
signal: lagging
use: reporting
journey: sale
time: closed_date
over_time: sum
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Call two buyers behind the most frequent reason. Bring what they said to the review.
needs: [opportunity, opportunity.status]
calculator: {is_lost: lost}
examples:
  - given: {lost: 7}
    value: 7
edge_cases:
  - no reason given is a row of its own
  - deleted deals are out
---*/
select coalesce(sum(is_lost), 0)
from opportunities
