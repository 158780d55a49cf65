select p.nr as id, p.entered as created_at, coalesce(p.archived, false) as is_deleted,
  c.cust_no as account_id, nullif(trim(p.forename), '') as first_name,
  nullif(trim(p.surname), '') as last_name, nullif(lower(trim(p.mail)), '') as email
from person as p
left join customer as c on c.cust_no = p.cust_no
