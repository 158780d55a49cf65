-- Deals that were merged away (the survivor lists them, `1;2`, and Fivetran has a table of them),
-- and archived ones that did not change since.
select trim(split_part(s.hs_merged_object_ids, ';', p.n)) as id
from deal as s
cross join list_place as p
where nullif(trim(s.hs_merged_object_ids), '') is not null
  and p.n <= 1 + length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
  and trim(split_part(s.hs_merged_object_ids, ';', p.n)) <> coalesce(s.id, '')
union
select merged_deal_id as id from merged_deal where merged_deal_id <> coalesce(deal_id, '')
union
select a.id
from deal_archived as a
inner join deal as d on d.id = a.id
where a.archived_at is null or d.updated_at is null or d.updated_at <= a.archived_at
