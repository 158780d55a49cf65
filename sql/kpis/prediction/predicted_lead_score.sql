/*---
label: Predictive lead score
question: "How good are the leads that are still open?"
definition: "Mean predicted score of the open leads: 100 x the share of decided leads alike that became customers. Alike is the same source, industry and country where there are at least lead_min_cases (30) decided leads of that kind, else the same source and industry, else the same source, else there is no score. Decided is older than maturity_days (90)."
unit: score 0-100
good: up
kind: quality
signal: leading
use: operating
journey: qualification
time: created_date
over_time: ratio
owner: revops
refresh: daily
review: monthly scoring review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Call the ten open leads with the highest score today. Where a band converts far from its prediction, ask what changed in that source.
needs: [lead, lead.lead_source, opportunity.status]
calculator: {open_score: "100.0 * customers / nullif(decided, 0)"}
examples:
  - given: {customers: 34, decided: 200}
    value: 17
  - given: {customers: 0, decided: 0}
    value: null
  - rows: [{open_score: 10}, {open_score: 30}, {open_score: null}]
    value: 20
edge_cases:
  - "too little history: no score, and the reasons say so; such a lead is in neither side"
  - no open lead with a score gives no value, not zero
  - open is younger than maturity_days, no customer yet and not disqualified; an older lead counts as decided even if someone still works on it
  - "an unknown source, industry or country is a kind of its own, (none)"
  - a decided lead is left out of its own rate, so its prediction did not know how it ended
  - predicted and actual rate agree for a kind by construction; a change over time shows in both by month of creation
  - a lead that became a customer before maturity_days enters the rates with its cohort, not before
---*/
select avg(open_score)
from lead_predictions
