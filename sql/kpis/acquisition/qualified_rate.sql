/*---
label: Qualified rate by source
question: Which sources bring leads worth calling?
definition: Leads that reached MQL or later over leads created, by creation date; a stage that was skipped counts as reached.
unit: percent
good: up
kind: quality
signal: leading
use: reporting
journey: qualification
time: created_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: monthly lead generation review
thresholds: {warn: 0.25, act: 0.15}
action: Stop the source with the lowest rate and at least 30 leads. Agree with sales what its leads lack.
needs: [lead, lead.mql_at]
calculator: {is_qualified: qualified, is_lead: leads}
examples:
  - given: {qualified: 30, leads: 120}
    value: 0.25
  - given: {qualified: 0, leads: 0}
    value: null
edge_cases:
  - a lead qualified twice counts once
  - a lead disqualified after it was MQL counts as qualified
  - leads younger than maturity_days are in, and marked by the dimension maturity
  - a source that is not known is a row of its own
---*/
select 1.0 * sum(is_qualified) / nullif(sum(is_lead), 0)
from leads
