-- What is tracked of a lead's stage, and of its being archived or not. A message that a merge brought
-- from another lead has a subject (`From <name>`): its changes are that one's, and left out.
select
  v.id as change_id,
  m.res_id as lead_id,
  lower(f.name) as field,
  coalesce(m.date, v.create_date) as changed_at,
  m.author_id,
  nullif(v.old_value_integer, '0') as old_value,
  nullif(v.new_value_integer, '0') as new_value
from mail_tracking_value as v
inner join ir_model_fields as f on f.id = v.field_id
inner join mail_message as m on m.id = v.mail_message_id
where lower(f.name) in ('stage_id', 'active') and lower(f.model) = 'crm.lead'
  and lower(m.model) = 'crm.lead' and nullif(trim(m.subject), '') is null
