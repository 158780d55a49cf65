/*---
about: match_addresses where no source has contacts with an account and an address
---*/
select 1 as place, cast(null as text) as own_id, cast(null as text) as email
from match_accounts where 1 = 0
