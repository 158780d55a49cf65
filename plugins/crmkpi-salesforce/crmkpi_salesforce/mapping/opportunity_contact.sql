select
  id,
  created_date as created_at,
  coalesce(is_deleted, false) as is_deleted,
  opportunity_id,
  contact_id,
  nullif(trim(role), '') as role,
  coalesce(is_primary, false) as is_primary
from opportunity_contact_role
where opportunity_id is not null and contact_id is not null
