select
  id,
  date_modified as updated_at,
  coalesce(deleted, false) as is_deleted,
  opportunity_id,
  contact_id,
  nullif(trim(contact_role), '') as role,
  coalesce(lower(trim(contact_role)) = 'primary decision maker', false) as is_primary
from opportunities_contacts
where id is not null and opportunity_id is not null and contact_id is not null
