/*---
label: Lead capture rate
question: How many visitors leave their name?
definition: Leads captured by a form (each by its first form) over form and landing page sessions.
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: lead generation
time: touch_date
over_time: ratio
owner: marketing_manager
refresh: daily
review: weekly marketing review
thresholds: {warn: 0.03, act: 0.02}
action: Compare the two landing pages with most sessions. Give the weaker one the form and offer of the stronger.
needs: [touchpoint, touchpoint.lead_id, touchpoint.touch_type]
calculator: {is_captured: captured, is_session: sessions}
examples:
  - given: {captured: 40, sessions: 1000}
    value: 0.04
  - given: {captured: 0, sessions: 0}
    value: null
edge_cases:
  - "no sessions: null, never 0 or an error"
---*/
select 1.0 * sum(is_captured) / nullif(sum(is_session), 0)
from touchpoints
