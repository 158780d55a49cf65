/*---
label: Duplicate records
question: "How many records are there twice?"
definition: "Surplus accounts, contacts and open leads in groups that share e-mail, web domain, phone with last name, or name, over those records; within one source."
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
thresholds: {warn: 0.03, act: 0.05}
action: Merge the listed groups this week. Switch on the duplicate rule of the CRM for the key that matched most.
needs: [account]
edge_cases:
  - a group of three is two surplus
  - placeholders never match
  - accounts below a parent may share its web domain
  - the same record in two sources is no duplicate
calculator: {is_surplus: surplus, is_matched: records}
examples:
  - rows:
      - {is_surplus: 0, is_matched: 1}
      - {is_surplus: 1, is_matched: 1}
      - {is_surplus: 1, is_matched: 1}
      - {is_surplus: 0, is_matched: 1}
    value: 0.5
---*/
select 1.0 * sum(is_surplus) / nullif(sum(is_matched), 0)
from records
