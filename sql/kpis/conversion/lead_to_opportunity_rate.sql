/*---
label: Lead to opportunity
question: How many leads become deals?
definition: Leads with at least one opportunity over leads created, by creation date.
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: sale
time: created_date
over_time: ratio
owner: {sales_manager: following up every lead, marketing_manager: leads with a need}
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.12, act: 0.08}
action: Review the qualified leads without an opportunity. Open one or disqualify each this week.
needs: [lead, opportunity]
calculator: {is_opportunity: with_opportunity, is_lead: leads}
examples:
  - given: {with_opportunity: 30, leads: 200}
    value: 0.15
edge_cases:
  - several opportunities of one lead count once
---*/
select 1.0 * sum(is_opportunity) / nullif(sum(is_lead), 0)
from leads
