/*---
about: the same domain as an account of a source before
placeholders:
  order: which rule it is, counted from 1
  place: the source's place in the profile
---*/
select a.own_id, t.account_id, $order as rule
from match_domains as a
inner join match_domains as b on b.domain = a.domain and b.place < $place
inner join match_targets as t on t.own_id = b.own_id
where a.place = $place
