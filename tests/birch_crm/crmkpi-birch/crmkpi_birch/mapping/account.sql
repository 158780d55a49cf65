select cust_no as id, entered as created_at, coalesce(archived, false) as is_deleted,
  coalesce(nullif(trim(company), ''), '(none)') as name, nullif(trim(branch), '') as industry,
  nullif(replace(replace(replace(replace(lower(trim(site)), 'https://', ''), 'http://', ''),
    'www.', ''), '/', ''), '') as website_domain
from customer
