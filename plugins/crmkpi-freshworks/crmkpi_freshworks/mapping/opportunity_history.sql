/*---
derived_without: [deal_history]
---*/
-- Freshsales keeps no history that Airbyte reads (there is no table deal_history): one row per
-- deal, that it came into its present stage when this last changed.
with codes as (
  select x.id, min(upper(nullif(trim(x.currency_code), ''))) as code from currency as x group by x.id
),
dated as (
  select
    p.*,
    case
      when p.stage_updated_time < p.created_at then p.created_at
      else coalesce(p.stage_updated_time, p.created_at)
    end as changed_at
  from deal_state as p
)
select
  d.id || '/now' as id,
  d.changed_at as created_at,
  coalesce(d.is_deleted, false) as is_deleted,
  d.id as opportunity_id,
  d.changed_at,
  'stage' as field,
  d.stage_id as new_value,
  d.stage_id,
  case when c.code is not null then d.amount else coalesce(d.base_currency_amount, d.amount) end
    as amount,
  d.expected_close as expected_close_date,
  case when d.probability between 0 and 100 then d.probability / 100.0 end as probability,
  true as is_reconstructed
from dated as d
left join codes as c on c.id = d.currency_id
where d.changed_at is not null
