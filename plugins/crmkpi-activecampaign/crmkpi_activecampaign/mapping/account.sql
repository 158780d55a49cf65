select
  a.id,
  a.created_timestamp as created_at,
  a.updated_timestamp as updated_at,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  u.id as owner_id,
  crm_domain(a.account_url) as website_domain
from accounts as a
left join users as u on u.id = a.owner_id
where a.id is not null
