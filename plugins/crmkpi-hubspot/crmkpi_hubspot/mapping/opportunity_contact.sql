-- A contact that is associated with a deal in several ways (types) takes part in it once. HubSpot
-- has no primary contact of a deal: it is the one with the lowest id.
with links as (
  select distinct deal_id, contact_id
  from deal_contact
  where deal_id is not null and contact_id is not null
)
select
  deal_id || '/' || contact_id as id,
  deal_id as opportunity_id,
  contact_id,
  row_number() over (partition by deal_id order by contact_id) = 1 as is_primary
from links
