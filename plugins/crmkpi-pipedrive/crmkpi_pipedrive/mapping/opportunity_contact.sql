-- The person of a deal, and its participants where they are loaded.
with links as (
  select
    nullif(trim(id), '') as deal_id, nullif(trim(person_id), '') as person_id, 1 as is_main
  from deals
  union all
  select
    nullif(trim(deal_id), '') as deal_id, nullif(trim(person_id), '') as person_id, 0 as is_main
  from deal_participants
  where coalesce(active_flag, true)
),
pairs as (
  select deal_id, person_id, max(is_main) as is_main_person
  from links
  where deal_id is not null and person_id is not null
  group by deal_id, person_id
)
select
  deal_id || '/' || person_id as id,
  deal_id as opportunity_id,
  person_id as contact_id,
  is_main_person = 1 as is_primary
from pairs
