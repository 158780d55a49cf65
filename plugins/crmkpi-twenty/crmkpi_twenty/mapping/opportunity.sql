-- Won and lost are values of the field `stage` (see stage.sql). A closed deal was closed on its close
-- date, else when the timeline has it enter its stage, else at its last change. Versions in which a
-- deal has no owner of its own: that of the company.
with moves as (
  select target_opportunity_id as opportunity_id, max(happens_at) as moved_at
  from timeline_activity
  where lower(trim(name)) = 'opportunity.updated' and nullif(trim(stage_after), '') is not null
    and deleted_at is null
  group by target_opportunity_id
),
kept as (
  select count(*) as changes from moves
),
deals as (
  select
    o.*,
    coalesce(nullif(trim(o.stage), ''), '(none)') as stage_key,
    case
      when upper(trim(o.stage)) in ('CUSTOMER', 'WON', 'CLOSED_WON') then 'won'
      when upper(trim(o.stage)) in ('LOST', 'CLOSED_LOST') then 'lost'
      else 'open'
    end as state
  from opportunity as o
)
select
  d.id,
  d.created_at,
  d.updated_at,
  d.deleted_at is not null as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  d.company_id as account_id,
  d.point_of_contact_id as primary_contact_id,
  coalesce(d.owner_id, c.account_owner_id) as owner_id,
  'default' as pipeline_id,
  d.stage_key as stage_id,
  d.state as status,
  d.amount_amount_micros / 1000000.0 as amount,
  upper(nullif(trim(d.amount_currency_code), '')) as currency,
  d.close_date as expected_close_date,
  case when d.state <> 'open' then coalesce(d.close_date, m.moved_at, d.updated_at) end as closed_at,
  case when k.changes > 0 then coalesce(m.moved_at, d.created_at) end as stage_entered_at
from deals as d
cross join kept as k
left join company as c on c.id = d.company_id
left join moves as m on m.opportunity_id = d.id
where d.id is not null
