/*---
label: Records without an active owner
question: "Which records does nobody look after?"
definition: "Accounts, contacts, open leads and opportunities with no owner or an inactive one, over those records; objects whose source has no owner column are left out."
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
thresholds: {warn: 0.02, act: 0.05}
action: "Hand the listed records to active owners today, open deals first. Add reassignment to the leaver checklist."
needs: [account, user, user.is_active]
edge_cases:
  - an owner who is unknown to the CRM counts as none
calculator: {is_ownerless: ownerless, is_ownable: records}
examples:
  - given: {ownerless: 5, records: 100}
    value: 0.05
---*/
select 1.0 * sum(is_ownerless) / nullif(sum(is_ownable), 0)
from records
