-- Ratings of tickets: 1, 3 and 5 are dissatisfied, okay and satisfied. One that was asked for and not
-- given has no score; Odoo keeps 0 then.
select
  r.id,
  r.create_date as created_at,
  r.write_date as updated_at,
  'csat' as survey_type,
  case when r.consumed and r.rating between 1 and 5 then r.rating end as score,
  1.0 as scale_min,
  5.0 as scale_max,
  case when r.consumed and r.rating between 1 and 5 then (r.rating - 1) * 25.0 end
    as normalized_score,
  case
    when not coalesce(r.consumed, false) or r.rating < 1 or r.rating > 5 then null
    when r.rating >= 4 then 'satisfied'
    when r.rating >= 3 then 'neutral'
    when r.rating >= 1 then 'dissatisfied'
  end as category,
  nullif(trim(r.feedback), '') as comment,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  case when not coalesce(p.is_company, false) then p.id end as contact_id,
  t.id as ticket_id,
  u.id as agent_id,
  r.create_date as sent_at,
  case when r.consumed then r.write_date end as responded_at
from rating_rating as r
inner join helpdesk_ticket as t on t.id = r.res_id
left join res_partner as p on p.id = r.partner_id
left join staff as u on u.partner_id = r.rated_partner_id
where r.id is not null and lower(r.res_model) = 'helpdesk.ticket'
