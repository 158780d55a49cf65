/*---
label: Monthly recurring revenue
question: How large is our recurring revenue?
definition: Normalised monthly value of paid subscriptions at the end of the period, at the exchange rates of today. Trials and paused subscriptions are out.
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: period_start
over_time: last
owner: cfo
refresh: daily
review: monthly executive review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Read the movements. If losses outgrow new business, move budget to the remedy of the largest loss before the next review.
needs: [subscription]
edge_cases:
  - new, reactivation and expansion less contraction and churn add up to the change
  - a movement on the last day of a period belongs to it
  - "a level: the last period counts, never a sum over periods"
---*/
select sum(end_mrr)
from account_periods
