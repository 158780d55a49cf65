/*---
about: an e-mail address that an account of a source before has too
placeholders:
  order: which rule it is, counted from 1
  place: the source's place in the profile
---*/
select a.own_id, t.account_id, $order as rule
from match_addresses as a
inner join match_addresses as b on b.email = a.email and b.place < $place
inner join match_targets as t on t.own_id = b.own_id
where a.place = $place
