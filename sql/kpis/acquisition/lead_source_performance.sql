/*---
label: Lead source performance
question: Which sources bring leads that become revenue?
definition: "Revenue won from the leads of a source over its leads, by the date a lead was created. Beside it per source: leads, qualified rate, lead-to-customer rate, revenue, spend, and spend over customers (CAC)."
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: lead generation
time: period_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: monthly marketing review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Move a tenth of the budget of the source with the lowest revenue per lead to the one with the highest. Look again when the leads of that month are mature.
needs: [lead, opportunity.amount]
report: {by: [lead_source], measures: [source_leads, source_qualified_rate, source_customer_rate, source_revenue, source_spend, source_cac]}
calculator: {won_amount: revenue, is_lead: leads}
examples:
  - given: {revenue: 50000, leads: 200}
    value: 250
  # a lead that won 900, one that won nothing, and spend
  - rows:
      - {won_amount: 900.0, is_lead: 1}
      - {won_amount: 0.0, is_lead: 1}
      - {won_amount: null, is_lead: 0}
    value: 450
  - given: {revenue: 0, leads: 0}
    value: null
edge_cases:
  - "a lead without a source is in the row '(none)', never dropped"
  - "a source with spend and no lead has no revenue per lead, not zero; one with leads and no customer has zero"
  - revenue counts where its lead was created, so young leads lower it; a deal of two leads counts for one of them
  - "a campaign's spend of a month is split over the sources of its leads of that month, else of all its leads, else '(none)'"
  - "all spend is split, sales cost too; what belongs to no campaign is in the row '(none)', so CAC is right in total and low for the other sources"
---*/
select 1.0 * sum(won_amount) / nullif(sum(is_lead), 0)
from lead_sources
