/*---
label: Outdated contacts
question: "How many contacts are no longer alive?"
definition: "Contacts without a change and without an activity for outdated_days (365), or whose address bounced, over contacts."
unit: percent
good: down
kind: quality
signal: leading
use: operating
journey: all
time: created_date
over_time: ratio
owner: revops
refresh: daily
review: monthly data quality review
thresholds: {warn: 0.25, act: 0.4}
action: Send the outdated contacts one request to update. Archive those who neither open nor answer it.
needs: [contact]
edge_cases:
  - bounced counts whatever its date
  - a contact without any date is not called outdated
calculator: {is_outdated: outdated, is_contact: contacts}
examples:
  - given: {outdated: 10, contacts: 40}
    value: 0.25
---*/
select 1.0 * sum(is_outdated) / nullif(sum(is_contact), 0)
from records
