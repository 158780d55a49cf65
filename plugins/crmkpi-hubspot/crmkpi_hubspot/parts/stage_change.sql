-- The stages that deals came to: of Fivetran's deal_stage, else of the property history.
select deal_id, nullif(trim(stage_id), '') as stage_id, date_entered as changed_at, user_id
from deal_stage
where deal_id is not null and date_entered is not null
union all
select h.deal_id, nullif(trim(h.value), '') as stage_id, h.changed_at, h.user_id
from deal_property_history as h
where h.deal_id is not null and h.changed_at is not null and lower(trim(h.name)) = 'dealstage'
  and not exists (select 1 from deal_stage as s where s.deal_id = h.deal_id)
