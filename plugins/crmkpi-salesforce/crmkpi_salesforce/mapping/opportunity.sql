-- closed_at is the close date, which Salesforce reports by; a deal that is won before it gets the day
-- of closing there, and one that is lost keeps the date that was hoped for.
with lead_of as (
  select converted_opportunity_id as opportunity_id, min(id) as lead_id
  from lead
  where converted_opportunity_id is not null and not coalesce(is_deleted, false)
  group by converted_opportunity_id
),
contact_of as (
  select opportunity_id, min(contact_id) as contact_id
  from opportunity_contact_role
  where is_primary and not coalesce(is_deleted, false)
  group by opportunity_id
),
flags as (
  select
    trim(coalesce(nullif(trim(api_name), ''), master_label)) as stage_name,
    max(case when is_closed then 1 else 0 end) as is_closed,
    max(case when is_won then 1 else 0 end) as is_won
  from opportunity_stage
  group by trim(coalesce(nullif(trim(api_name), ''), master_label))
),
deals as (
  select
    o.*,
    coalesce(r.id, 'default') as pipeline_id,
    coalesce(nullif(trim(o.stage_name), ''), '(none)') as stage,
    coalesce(o.is_won, f.is_won = 1, false) as won,
    coalesce(o.is_closed, f.is_closed = 1, o.is_won, false) as closed,
    coalesce(nullif(trim(o.forecast_category), ''), o.forecast_category_name) as category
  from opportunity as o
  left join record_type as r on r.id = o.record_type_id and lower(r.sobject_type) = 'opportunity'
  left join flags as f on f.stage_name = trim(o.stage_name)
)
select
  d.id,
  d.created_date as created_at,
  d.last_modified_date as updated_at,
  coalesce(d.is_deleted, false) as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  d.account_id,
  c.contact_id as primary_contact_id,
  case when d.owner_id not like '00G%' then d.owner_id end as owner_id,
  d.pipeline_id,
  d.pipeline_id || '/' || d.stage as stage_id,
  case when d.won then 'won' when d.closed then 'lost' else 'open' end as status,
  d.type as opportunity_type,
  d.amount,
  upper(nullif(trim(d.currency_iso_code), '')) as currency,
  d.annual_recurring_revenue_c as arr_amount,
  case when d.probability between 0 and 100 then d.probability / 100.0 end as probability,
  d.category as forecast_category,
  d.close_date as expected_close_date,
  case when d.closed or d.won then d.close_date end as closed_at,
  coalesce(d.last_stage_change_date, d.created_date) as stage_entered_at,
  nullif(trim(d.lead_source), '') as lead_source,
  d.campaign_id,
  l.lead_id as source_lead_id,
  nullif(trim(d.loss_reason_c), '') as loss_reason,
  nullif(trim(d.competitor_c), '') as competitor,
  nullif(trim(d.next_step), '') as next_step,
  d.last_activity_date as last_activity_at
from deals as d
left join contact_of as c on c.opportunity_id = d.id
left join lead_of as l on l.opportunity_id = d.id
