select
  id,
  created_date as created_at,
  last_modified_date as updated_at,
  coalesce(is_deleted, false) as is_deleted,
  campaign_id,
  lead_id,
  contact_id,
  nullif(trim(status), '') as status,
  created_date as first_touch_at,
  coalesce(has_responded, first_responded_date is not null) as has_responded,
  first_responded_date as responded_at
from campaign_member
where campaign_id is not null and created_date is not null
