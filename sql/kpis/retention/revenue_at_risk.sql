/*---
label: Revenue at risk
question: How much recurring revenue may leave?
definition: MRR of the customers whose health score is under the setting at_risk_below (50); its share is sum(mrr_at_risk) / sum(mrr).
unit: money
good: down
kind: quality
signal: leading
use: reporting
journey: retention
time: as_of_date
over_time: last
owner: cs_manager
refresh: daily
review: monthly executive review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Give each of the ten largest customers at risk an executive sponsor. Review the plan for each in a week.
needs: [account, subscription, subscription.account_id, subscription.mrr, subscription.start_date, subscription.status]
examples:
  - rows: [{mrr_at_risk: 500}, {mrr_at_risk: 0}, {mrr_at_risk: 250.5}]
    value: 750.5
edge_cases:
  - the revenue is today's, monthly, at the exchange rates of today
  - a customer without a score is not at risk but unknown
scorecard: {period: now}
---*/
select sum(mrr_at_risk)
from accounts
