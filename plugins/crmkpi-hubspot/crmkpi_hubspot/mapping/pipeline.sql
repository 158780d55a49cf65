-- Of deals and of tickets, and those that only deals name. A deleted one is inactive: its stages
-- are still in the history of deals.
with named as (
  select
    id, label, 'opportunity' as object_type, display_order,
    coalesce(active, true) and not coalesce(_fivetran_deleted, false) as is_active,
    1 as rank_no
  from deal_pipeline
  union all
  select
    id, label, 'ticket' as object_type, display_order,
    coalesce(active, true) and not coalesce(is_deleted, false)
      and not coalesce(_fivetran_deleted, false) as is_active,
    2 as rank_no
  from ticket_pipeline
  union all
  select distinct
    coalesce(nullif(trim(deal_pipeline_id), ''), '(none)') as id,
    coalesce(nullif(trim(deal_pipeline_id), ''), '(none)') as label,
    'opportunity' as object_type, cast(null as bigint) as display_order, true as is_active,
    3 as rank_no
  from deal
),
numbered as (
  select
    n.*,
    row_number() over (
      partition by n.id order by n.rank_no, case when n.is_active then 0 else 1 end, n.label
    ) as place
  from named as n
  where nullif(trim(n.id), '') is not null
)
select
  id,
  coalesce(nullif(trim(label), ''), '(none)') as name,
  object_type,
  object_type = 'opportunity' and id = 'default' or object_type = 'ticket' and id = '0'
    as is_default,
  is_active,
  display_order
from numbered
where place = 1
