select
  id,
  coalesce(nullif(trim(name), ''), nullif(trim(developer_name), ''), '(none)') as name,
  parent_role_id as parent_team_id,
  case
    when lower(name) like '%success%' then 'success'
    when lower(name) like '%sales%' or lower(name) like '%account exec%' then 'sales'
    when lower(name) like '%service%' or lower(name) like '%support%' then 'service'
    when lower(name) like '%market%' then 'marketing'
  end as kind
from user_role
