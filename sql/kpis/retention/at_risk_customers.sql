/*---
label: At-risk customers
question: Which customers may leave?
definition: Customers whose health score is under the setting at_risk_below (50).
unit: count
good: down
kind: quality
signal: leading
use: operating
journey: retention
time: as_of_date
over_time: last
owner: cs_manager
refresh: daily
review: weekly customer success review
thresholds: {of: change, warn: 0.1, act: 0.2}
action: Call every customer on the list this week, in order of MRR. Write the next step into the CRM.
needs: [account]
examples:
  - rows: [{is_at_risk: 1}, {is_at_risk: 0}, {is_at_risk: 1}]
    value: 2
edge_cases:
  - former customers and prospects are never at risk
  - a customer without a score is not at risk but unknown
---*/
select sum(is_at_risk)
from accounts
