-- What members did, as the timeline tells it. Rows about linked tasks and notes repeat others.
with told as (
  select t.*, lower(trim(t.name)) as event
  from timeline_activity as t
  where t.id is not null and t.workspace_member_id is not null and t.happens_at is not null
)
select
  id,
  happens_at as created_at,
  deleted_at is not null as is_deleted,
  workspace_member_id as user_id,
  happens_at as occurred_at,
  replace(replace(replace(event, '.created', ''), '.updated', ''), '.deleted', '') as object_type,
  case
    when event like '%.created' then 'create'
    when event like '%.updated' then 'update'
    else 'delete'
  end as action
from told
where (event like '%.created' or event like '%.updated' or event like '%.deleted')
  and event not like 'linked-%'
