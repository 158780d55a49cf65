-- The further contacts of a deal. The first one is the deal's own and listed there.
select
  t.id,
  t.cdate as created_at,
  d.id as opportunity_id,
  c.id as contact_id,
  coalesce(d.contact_id = c.id, false) as is_primary
from contact_deals as t
inner join deals as d on d.id = t.deal_id
inner join contacts as c on c.id = t.contact_id
where t.id is not null
