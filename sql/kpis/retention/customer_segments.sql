/*---
label: Customer behaviour (recency, frequency, value)
question: Do customers come back often, and who stops?
definition: "Customers in the segments champions and loyal over all customers that ever bought. Every customer gets 1 to 5 for recency, frequency and value against all others; recency and frequency together name the segment."
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: retention
time: as_of_date
over_time: last
owner: cs_manager
refresh: daily
review: monthly customer review
thresholds: {warn: 0.25, act: 0.2}
action: Call the customers that cannot be lost and those at risk this week, in order of value. Ask what they buy now and from whom.
needs: [account]
report: {by: [behaviour], measures: [behaviour_customers, behaviour_recency, behaviour_frequency, behaviour_value, behaviour_customer_value]}
calculator: {is_core: champions + loyal, is_customer: customers}
examples:
  - given: {champions: 12, loyal: 18, customers: 100}
    value: 0.3
  - rows: [{is_core: 1, is_customer: 1}, {is_core: 0, is_customer: 1}]
    value: 0.5
  - given: {champions: 0, loyal: 0, customers: 0}
    value: null
edge_cases:
  - equal values have equal scores; a single customer, and all customers alike, score 3
  - fewer than five customers are spread over the scores as far as they go
  - "frequency and value count purchases of the last rfm_days (365); who bought nothing in them has 0 of both, and is still a customer"
  - scores compare customers with each other, so the share can hardly exceed 40 % and falls when frequent buyers stay away
  - scores are against all customers, whatever filter is set
  - purchases whose amounts are unknown give no value score; the segment needs none
  - invoices of subscriptions are not purchases; purchases dated later than today do not count yet
  - nobody ever bought gives no share
---*/
select 1.0 * sum(is_core) / nullif(sum(is_customer), 0)
from customer_values
