/*---
label: Segment response
question: Which segments answer us?
definition: Campaign members who responded over members reached, by segment.
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: lead generation
time: member_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 0.1, act: 0.05}
action: Change the message for the segment furthest below the mean. Test it on a tenth of the segment first.
needs: [campaign_member, campaign_member.has_responded]
calculator: {is_responded: responded, is_reached: reached}
examples:
  - given: {responded: 20, reached: 100}
    value: 0.2
edge_cases:
  - "nobody reached: null"
  - members without an account are a segment of their own
---*/
select 1.0 * sum(is_responded) / nullif(sum(is_reached), 0)
from campaign_members
