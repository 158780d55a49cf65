/*---
about: how many accounts each rule leads to
---*/
select
  own_id, rule, count(distinct account_id) as candidates,
  min(account_id) as first_id, max(account_id) as last_id
from match_evidence
group by own_id, rule
