/*---
about: the first rule that leads to one account, and the first that leads to several
---*/
select
  own_id,
  min(case when candidates = 1 then rule end) as rule,
  min(case when candidates > 1 then rule end) as open_rule
from match_counts
group by own_id
