-- A stage is of one team, or of all: the id is `<team>/<stage>`. Lost is no stage in Odoo, so each
-- team gets one, `<team>/lost`. A pair that only opportunities or their history know (the team
-- changed, the stage was deleted) is kept, inactive; deleted ones in the first place, so that who
-- was there did not come further by that.
with teams as (
  select id as team_id from crm_team where id is not null
  union
  select coalesce(nullif(trim(team_id), ''), '(none)') as team_id from crm_lead
  union
  select team_id from crm_stage where nullif(trim(team_id), '') is not null
),
own as (
  select t.team_id, s.id as stage_id
  from teams as t
  cross join crm_stage as s
  where s.id is not null and coalesce(nullif(trim(s.team_id), ''), t.team_id) = t.team_id
),
seen as (
  select coalesce(nullif(trim(team_id), ''), '(none)') as team_id,
    coalesce(nullif(trim(stage_id), ''), '(none)') as stage_id
  from crm_lead
  union
  select coalesce(nullif(trim(l.team_id), ''), '(none)') as team_id, t.new_value as stage_id
  from tracked_change as t
  inner join crm_lead as l on l.id = t.lead_id
  where t.field = 'stage_id' and t.new_value is not null
  union
  select coalesce(nullif(trim(l.team_id), ''), '(none)') as team_id, t.old_value as stage_id
  from tracked_change as t
  inner join crm_lead as l on l.id = t.lead_id
  where t.field = 'stage_id' and t.old_value is not null
),
pairs as (
  select team_id, stage_id, 1 as is_own from own
  union all
  select team_id, stage_id, 0 as is_own from seen where stage_id is not null
),
every_pair as (
  select team_id, stage_id, max(is_own) as in_team from pairs group by team_id, stage_id
)
select
  e.team_id || '/' || e.stage_id as id,
  s.create_date as created_at,
  s.write_date as updated_at,
  e.team_id as pipeline_id,
  coalesce(
    nullif(trim(s.label), ''),
    case when s.id is null and e.stage_id <> '(none)' then '(stage ' || e.stage_id || ')' end,
    '(none)'
  ) as name,
  'opportunity' as object_type,
  coalesce(s.sequence, 0) as display_order,
  case when s.is_won then 1.0 end as probability,
  coalesce(s.is_won, false) as is_closed,
  coalesce(s.is_won, false) as is_won,
  e.in_team = 1 or e.stage_id = '(none)' as is_active
from every_pair as e
left join crm_stage as s on s.id = e.stage_id
union all
select
  team_id || '/lost' as id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  team_id as pipeline_id,
  'Lost' as name,
  'opportunity' as object_type,
  1001 as display_order,
  0.0 as probability,
  true as is_closed,
  false as is_won,
  true as is_active
from teams
