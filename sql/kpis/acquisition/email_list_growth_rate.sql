/*---
label: Email list growth rate
question: Does our audience grow?
definition: New subscribers less unsubscribes of the month over contacts on the list at its start; over several months the mean monthly rate.
unit: percent
good: up
kind: outcome
signal: lagging
use: operating
journey: lead generation
time: month_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: monthly lead generation review
thresholds: {warn: 0.0, act: -0.02}
action: Add a sign-up to the three most visited pages. Find what made most people leave.
needs: [contact, email_event]
calculator: {joined: new, left_list: unsubscribed, start_size: size}
examples:
  - given: {new: 500, unsubscribed: 50, size: 5000}
    value: 0.09
  - given: {new: 500, unsubscribed: 50, size: 0}
    value: null
edge_cases:
  - "list size zero: null; a month that began with an empty list is in neither side"
  - a contact who opted out on an unknown day was never counted
---*/
select
  1.0 * sum(case when start_size > 0 then joined - left_list else 0 end)
  / nullif(sum(start_size), 0)
from email_list_months
