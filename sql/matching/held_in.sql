/*---
about: accounts of sources before that hold the id of an account of this one
placeholders:
  held: the column that holds the id
  source: the source's name and a colon
  place: the source's place in the profile
---*/
select $source || $held as own_id, a.own_id as target
from match_accounts as a
where a.place < $place and $held is not null
