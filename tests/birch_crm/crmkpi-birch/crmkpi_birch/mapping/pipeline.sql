select 'default' as id, 'Opportunities' as name, 'opportunity' as object_type, true as is_active
from (select count(*) as phases from phase) as p
