/*---
label: Churn risk
question: "How many customers may leave in the next 90 days?"
definition: "Mean probability of churn in the next 90 days over current customers: the share of past customer months alike after which the customer had no MRR at the end of the third month. Alike is the same segment, tenure (first year or later) and trend (MRR shrunk in the last three months or not) where there are at least churn_min_cases (60) customer months of that kind, else the same segment and tenure, else the same segment, else there is no probability."
unit: percent
good: down
kind: quality
signal: leading
use: operating
journey: retention
time: snapshot_date
over_time: last
owner: cs_manager
refresh: daily
review: weekly customer success review
thresholds: {warn: 0.03, act: 0.05}
action: Call the ten customers with the highest expected loss of MRR this week. Write the reason they give beside the reasons listed.
needs: [subscription, subscription.account_id, subscription.mrr, subscription.start_date, subscription.status, subscription.ended_at | mrr_movement]
calculator: {current_rate: "1.0 * lost / nullif(past, 0)"}
examples:
  - given: {lost: 6, past: 120}
    value: 0.05
  - given: {lost: 0, past: 0}
    value: null
  - rows: [{current_rate: 0.02}, {current_rate: 0.1}, {current_rate: null}]
    value: 0.06
edge_cases:
  - "too little history: no probability, and the reasons say so; such a customer is in neither side"
  - the history is the start of each of the last churn_history_months (24) months whose three months are over; one loss counts in up to three of them
  - who leaves and is back at the end of the third month was not lost
  - tenure runs from the first month a customer ever paid, also for one who came back
  - the segment is today's for all months, as segments have no history
  - past customer months are tested without any month of the same customer
  - expected churned MRR is the sum of probability x MRR
---*/
select 1.0 * sum(current_rate) / nullif(count(current_rate), 0)
from churn_predictions
