select
  j.id,
  coalesce(j.deleted, false) as is_deleted,
  j.opportunity_id,
  j.contact_id,
  nullif(trim(j.role), '') as role,
  coalesce(o.contact_id = j.contact_id, false) as is_primary
from contact_opportunity as j
left join opportunity as o on o.id = j.opportunity_id
where j.id is not null and j.opportunity_id is not null and j.contact_id is not null
