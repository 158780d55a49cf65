-- Email addresses of users: an archived email from one of them is outbound.
select distinct email_address_id
from entity_email_address
where lower(trim(entity_type)) = 'user' and not coalesce(deleted, false)
