/*---
about: match_map where the profile has no map
---*/
select cast(null as text) as own_id, cast(null as text) as target
from match_accounts where 1 = 0
