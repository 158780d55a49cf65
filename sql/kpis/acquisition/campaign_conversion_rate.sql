/*---
label: Campaign conversion rate
question: Which campaigns lead to deals?
definition: Campaign members who took the desired action (an opportunity on or after the first touch, or a converted status) over members reached.
unit: percent
good: up
kind: outcome
signal: lagging
use: operating
journey: lead generation
time: member_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 0.05, act: 0.02}
action: Stop the campaign with the lowest conversion and enough members. Use the offer of the best one for its segment.
needs: [campaign_member]
calculator: {is_converted: converted, is_reached: reached}
examples:
  - given: {converted: 5, reached: 100}
    value: 0.05
edge_cases:
  - "nobody reached: null"
---*/
select 1.0 * sum(is_converted) / nullif(sum(is_reached), 0)
from campaign_members
