-- A deal is closed when it entered its won, lost or unqualified stage. Its company is the organization,
-- or the contact if that is one, or the one that the contact works for.
with conversions as (
  select
    deal_id, lead_id,
    row_number() over (partition by deal_id order by coalesce(lead_id, '')) as place
  from sell_lead_conversion
  where deal_id is not null
),
deals as (
  select
    d.*,
    s.id as known_stage_id,
    s.pipeline_id,
    s.likelihood,
    lower(trim(s.category)) as kind,
    c.is_organization,
    c.contact_id as employer_id
  from sell_deal as d
  left join sell_stage as s on s.id = d.stage_id
  left join sell_contact as c on c.id = d.contact_id
)
select
  d.id,
  d.created_at,
  d.updated_at,
  coalesce(d.kind = 'archived', false) as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  'sell-' || coalesce(
    nullif(trim(d.organization_id), ''),
    case when d.is_organization then d.contact_id else nullif(trim(d.employer_id), '') end
  ) as account_id,
  case when not coalesce(d.is_organization, false) then 'sell-' || nullif(trim(d.contact_id), '') end
    as primary_contact_id,
  'sell-' || nullif(trim(d.owner_id), '') as owner_id,
  case when d.known_stage_id is null then '(none)' else coalesce(d.pipeline_id, '(none)') end
    as pipeline_id,
  coalesce(d.known_stage_id, '(none)') as stage_id,
  case
    when d.kind = 'won' then 'won'
    when d.kind in ('lost', 'unqualified', 'archived') then 'lost'
    else 'open'
  end as status,
  case when d.value >= 0 then d.value end as amount,
  upper(nullif(trim(d.currency), '')) as currency,
  case
    when d.customized_win_likelihood between 0 and 100 then d.customized_win_likelihood / 100.0
    when d.likelihood between 0 and 100 then d.likelihood / 100.0
  end as probability,
  d.estimated_close_date as expected_close_date,
  case
    when d.kind in ('won', 'lost', 'unqualified', 'archived')
      then coalesce(d.last_stage_change_at, d.updated_at)
  end as closed_at,
  coalesce(d.last_stage_change_at, d.created_at) as stage_entered_at,
  nullif(trim(o.name), '') as lead_source,
  v.lead_id as source_lead_id,
  case when d.kind in ('lost', 'unqualified') then coalesce(
    nullif(trim(l.name), ''), nullif(trim(q.name), '')
  ) end as loss_reason,
  d.last_activity_at
from deals as d
left join sell_deal_source as o on o.id = d.source_id
left join sell_loss_reason as l on l.id = d.loss_reason_id
left join sell_deal_unqualified_reason as q on q.id = d.unqualified_reason_id
left join conversions as v on v.deal_id = d.id and v.place = 1
where d.id is not null
