/*---
about: accounts of a source that hold the id of a leading account
placeholders:
  held: the column that holds the id
  leader: the leading source and a colon
  source: the source's name
---*/
select
  a.own_id,
  case when $held like '%:%' then $held else $leader || $held end as target
from match_accounts as a
where a.source = $source and $held is not null
