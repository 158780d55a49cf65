select
  a.id,
  a.created_timestamp as created_at,
  a.updated_timestamp as updated_at,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  u.id as owner_id,
  nullif(split_part(replace(replace(replace(
    lower(trim(a.account_url)), 'https://', ''), 'http://', ''), 'www.', ''), '/', 1), '')
    as website_domain
from accounts as a
left join users as u on u.id = a.owner_id
where a.id is not null
