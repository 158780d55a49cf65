/*---
about: what the profile's map says
placeholders:
  order: which rule it is, counted from 1
---*/
select p.own_id, t.account_id, $order as rule
from match_map as p
inner join match_targets as t on t.own_id = p.target
