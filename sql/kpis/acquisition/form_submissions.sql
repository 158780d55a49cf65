/*---
label: Form submissions
question: Do visitors answer our offers?
definition: Forms submitted in the period; submissions marked as spam are out.
unit: count
good: up
kind: activity
signal: leading
use: operating
journey: lead generation
time: touch_date
over_time: sum
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Test the form of the page that lost most submissions. Shorten it or change its offer this week.
needs: [touchpoint, touchpoint.touch_type]
edge_cases:
  - submissions the vendor flags as spam are left out by the mapping
---*/
select sum(is_form)
from touchpoints
