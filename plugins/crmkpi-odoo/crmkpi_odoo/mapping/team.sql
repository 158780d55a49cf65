-- Sales teams, and the teams of the help desk, whose ids are numbered apart.
select
  id,
  create_date as created_at,
  write_date as updated_at,
  coalesce(nullif(trim(label), ''), '(none)') as name,
  'sales' as kind
from crm_team
where id is not null
union all
select
  'helpdesk-' || id as id,
  create_date as created_at,
  write_date as updated_at,
  coalesce(nullif(trim(label), ''), '(none)') as name,
  'service' as kind
from helpdesk_team
where id is not null
