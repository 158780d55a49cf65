-- Won and lost are the flags of the stage. HubSpot sets the close date when a deal is closed; a
-- closed deal that lost it was closed when it entered its stage.
with keyed as (
  select
    d.*,
    coalesce(nullif(trim(d.deal_pipeline_id), ''), '(none)') as pipeline_key,
    coalesce(nullif(trim(d.deal_pipeline_stage_id), ''), '(none)') as stage_key
  from deal as d
  where d.id is not null
),
entered as (
  select deal_id, stage_id, max(c.changed_at) as entered_at
  from stage_change as c
  where stage_id is not null
  group by deal_id, stage_id
),
companies as (
  select
    deal_id, company_id,
    row_number() over (
      partition by deal_id order by case when type_id = '5' then 0 else 1 end, company_id
    ) as place
  from deal_company
  where deal_id is not null and company_id is not null
),
contacts as (
  select deal_id, min(contact_id) as first_contact_id from deal_contact group by deal_id
)
select
  d.id,
  d.createdate as created_at,
  d.updated_at,
  coalesce(d.is_deleted, false) or coalesce(d._fivetran_deleted, false) or g.id is not null
    as is_deleted,
  coalesce(nullif(trim(d.dealname), ''), '(none)') as name,
  coalesce(d.hs_primary_associated_company_id, c.company_id) as account_id,
  p.first_contact_id as primary_contact_id,
  d.hubspot_owner_id as owner_id,
  d.pipeline_key as pipeline_id,
  d.pipeline_key || '/' || d.stage_key as stage_id,
  case when s.is_won then 'won' when s.is_closed then 'lost' else 'open' end as status,
  d.dealtype as opportunity_type,
  d.amount,
  upper(nullif(trim(d.deal_currency_code), '')) as currency,
  d.hs_arr as arr_amount,
  case
    when s.is_won then 1.0
    when s.is_closed then 0.0
    when d.hs_deal_stage_probability between 0 and 1 then d.hs_deal_stage_probability
    when s.probability between 0 and 1 then s.probability
  end as probability,
  d.hs_manual_forecast_category as forecast_category,
  d.closedate as expected_close_date,
  case when s.is_won or s.is_closed then coalesce(d.closedate, e.entered_at) end as closed_at,
  e.entered_at as stage_entered_at,
  nullif(trim(d.hs_analytics_source), '') as lead_source,
  case
    when s.is_closed and not s.is_won then nullif(trim(d.closed_lost_reason), '')
  end as loss_reason,
  nullif(trim(d.hs_next_step), '') as next_step,
  d.notes_next_activity_date as next_activity_at,
  d.notes_last_updated as last_activity_at
from keyed as d
inner join stage_place as s on s.pipeline_id = d.pipeline_key and s.stage_id = d.stage_key
left join gone_deal as g on g.id = d.id
left join entered as e on e.deal_id = d.id and e.stage_id = d.stage_key
left join companies as c on c.deal_id = d.id and c.place = 1
left join contacts as p on p.deal_id = d.id
