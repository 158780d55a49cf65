/*---
label: Leads created
question: Do enough new leads come in?
definition: Leads created in the period, each person once; deleted and merged leads are out.
unit: count
good: up
kind: activity
signal: leading
use: operating
journey: lead generation
time: created_date
over_time: sum
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Find the source with the largest drop against last month. Move budget to the source with the best qualified rate.
needs: [lead]
edge_cases:
  - a deleted lead never counts
  - a merged lead counts once
---*/
select sum(is_lead)
from leads
