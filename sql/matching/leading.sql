/*---
about: the accounts of the first source, which lead
---*/
select own_id, own_id as account_id
from match_accounts
where place = 1
