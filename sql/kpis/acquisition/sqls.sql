/*---
label: Sales qualified leads
question: How many leads does sales accept?
definition: Leads whose first SQL date lies in the period; the date is the vendor's, else that of the conversion or first opportunity.
unit: count
good: up
kind: quality
signal: leading
use: operating
journey: qualification
time: sql_date
over_time: sum
owner: {sales_manager: accepting or rejecting in time, marketing_manager: leads that fit the agreed definition}
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Review ten rejected MQLs together. Mend the qualification rule that let them pass.
needs: [lead]
edge_cases:
  - a lead with an opportunity has been SQL even where no date was kept
---*/
select sum(is_sql)
from leads
