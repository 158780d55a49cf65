-- SuiteCRM has one list of sales stages.
select
  'default' as id, 'Opportunities' as name, 'opportunity' as object_type, true as is_default,
  true as is_active, 1 as display_order
from (select count(*) as deals from opportunities) as o
