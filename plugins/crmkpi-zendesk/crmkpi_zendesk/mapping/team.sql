-- Groups of Support, and those of Sell as its users name them.
select
  g.id,
  g.created_at,
  g.updated_at,
  coalesce(g._fivetran_deleted, false) or coalesce(g.deleted, false) as is_deleted,
  coalesce(nullif(trim(g.name), ''), '(none)') as name,
  'service' as kind
from "group" as g
where g.id is not null
union all
select
  'sell-' || s.group_id as id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  false as is_deleted,
  coalesce(max(nullif(trim(s.group_name), '')), '(none)') as name,
  'sales' as kind
from sell_user as s
where nullif(trim(s.group_id), '') is not null
group by s.group_id
