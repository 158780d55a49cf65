-- Contacts that were merged away, with the contact that survived, where that is told: the survivor
-- lists them (`1;2`), and Fivetran audits each merge.
with merges as (
  select trim(split_part(s.hs_merged_object_ids, ';', p.n)) as id, s.id as survivor_id
  from contact as s
  cross join list_place as p
  where nullif(trim(s.hs_merged_object_ids), '') is not null
    and p.n <= 1 + length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
  union all
  select vid_to_merge as id, canonical_vid as survivor_id from contact_merge_audit
)
select m.id, min(m.survivor_id) as survivor_id
from merges as m
where m.id <> coalesce(m.survivor_id, '')
group by m.id
