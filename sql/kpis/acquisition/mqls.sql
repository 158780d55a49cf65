/*---
label: Marketing qualified leads
question: How many leads does marketing hand over?
definition: Leads whose first MQL date lies in the period; the date is the vendor's, else that of the next stage the lead reached, else (status qualified only) its creation.
unit: count
good: up
kind: quality
signal: leading
use: operating
journey: qualification
time: mql_date
over_time: sum
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Look at the nurturing step where leads stop. Change its message or its timing this week.
needs: [lead]
edge_cases:
  - a lead counts once, at its first MQL date
  - without a lifecycle history the mapped status decides
---*/
select sum(is_qualified)
from leads
