-- Won and lost belong to the stage: all deals of a stage are what the stage is.
with codes as (
  select x.id, min(upper(nullif(trim(x.currency_code), ''))) as code from currency as x group by x.id
),
reasons as (
  select x.id, min(x.name) as name from deal_reason as x group by x.id
),
types as (
  select x.id, min(x.name) as name from deal_type as x group by x.id
),
sources as (
  select x.id, min(x.name) as name from lead_source as x group by x.id
)
select
  p.id,
  p.created_at,
  p.updated_at,
  coalesce(p.is_deleted, false) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  nullif(trim(p.sales_account_id), '') as account_id,
  nullif(trim(p.owner_id), '') as owner_id,
  coalesce(nullif(trim(p.deal_pipeline_id), ''), '(none)') as pipeline_id,
  p.stage_id,
  o.outcome as status,
  nullif(trim(t.name), '') as opportunity_type,
  -- without the currency's code, the amount in the account's base currency
  case when c.code is not null then p.amount else coalesce(p.base_currency_amount, p.amount) end
    as amount,
  c.code as currency,
  case when p.probability between 0 and 100 then p.probability / 100.0 end as probability,
  case o.outcome
    when 'won' then 'closed' when 'lost' then 'omitted' else nullif(trim(p.forecast_category), '')
  end as forecast_category,
  p.expected_close as expected_close_date,
  case
    when o.outcome <> 'open'
      then coalesce(p.closed_date, cast(p.stage_updated_time as date), cast(p.updated_at as date))
  end as closed_at,
  p.stage_updated_time as stage_entered_at,
  nullif(trim(s.name), '') as lead_source,
  nullif(trim(r.name), '') as loss_reason,
  p.last_contacted_via_sales_activity as last_activity_at
from deal_state as p
inner join stage_outcome as o on o.stage_id = p.stage_id
left join codes as c on c.id = p.currency_id
left join reasons as r on r.id = p.deal_reason_id and o.outcome = 'lost'
left join types as t on t.id = p.deal_type_id
left join sources as s on s.id = p.lead_source_id
