-- Freshdesk rates from -103 (extremely unhappy) by 100 (neutral) to 103 (extremely happy). On the
-- scale of 1 to 5 neutral is 3, and what Freshdesk calls happy is 4, 4.5 and 5.
with ranked as (
  select
    r.*,
    row_number() over (partition by r.id order by r.updated_at desc, r.ticket_id) as place
  from desk_rating as r
  where r.id is not null
),
scored as (
  select
    r.*,
    case r.rating
      when 103 then 5.0 when 102 then 4.5 when 101 then 4.0 when 100 then 3.0
      when -101 then 2.0 when -102 then 1.5 when -103 then 1.0
    end as score
  from ranked as r
  where r.place = 1
)
select
  s.id,
  s.created_at,
  s.updated_at,
  coalesce(t.is_gone, false) as is_deleted,
  'csat' as survey_type,
  s.score,
  1.0 as scale_min,
  5.0 as scale_max,
  25.0 * (s.score - 1) as normalized_score,
  case
    when s.score > 3 then 'satisfied' when s.score = 3 then 'neutral'
    when s.score < 3 then 'dissatisfied'
  end as category,
  nullif(trim(s.feedback), '') as comment,
  case when nullif(trim(t.company_id), '') is not null then 'desk-' || trim(t.company_id) end
    as account_id,
  case when nullif(trim(s.user_id), '') is not null then 'desk-' || trim(s.user_id) end
    as contact_id,
  nullif(trim(s.ticket_id), '') as ticket_id,
  case when nullif(trim(s.agent_id), '') is not null then 'desk-' || trim(s.agent_id) end
    as agent_id,
  s.created_at as responded_at
from scored as s
left join current_ticket as t on t.id = trim(s.ticket_id)
