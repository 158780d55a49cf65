-- A lead that is converted stays the same row: its type becomes opportunity, and the date of the
-- conversion is kept. Lost ones are archived with probability 0 or a reason; other archived ones are
-- gone. The first response is the first message of a user that is no note, or the first activity done.
with persons as (
  select
    l.*,
    lower(trim(l.type)) = 'opportunity' as is_converted,
    not coalesce(l.active, true)
      and (coalesce(l.probability, 1) = 0 or nullif(trim(l.lost_reason_id), '') is not null) as is_lost
  from crm_lead as l
  where l.id is not null and (lower(trim(l.type)) = 'lead' or l.date_conversion is not null)
),
answered as (
  select m.res_id as lead_id, min(m.date) as first_time
  from mail_message as m
  inner join persons as l on l.id = m.res_id
  inner join staff as u on u.partner_id = m.author_id
  left join mail_message_subtype as n on n.id = m.subtype_id
  where lower(m.model) = 'crm.lead' and m.date >= l.create_date
    and (
      m.mail_activity_type_id is not null
      or (
        lower(m.message_type) in ('comment', 'email_outgoing') and not coalesce(m.is_note, false)
        and not coalesce(n.internal, false)
      )
    )
  group by m.res_id
)
select
  l.id,
  l.create_date as created_at,
  l.write_date as updated_at,
  not coalesce(l.active, true) and not l.is_lost and not l.is_converted as is_deleted,
  coalesce(nullif(trim(l.partner_name), ''), case when k.is_company then nullif(trim(k.name), '') end) as company_name,
  coalesce(nullif(trim(l.contact_name), ''), nullif(trim(l.name), '')) as last_name,
  nullif(lower(trim(l.email_from)), '') as email,
  coalesce(nullif(trim(l.phone), ''), nullif(trim(l.mobile), '')) as phone,
  l.user_id as owner_id,
  case
    when l.is_converted then 'converted'
    when l.is_lost then 'disqualified'
    when a.first_time is not null then 'working'
    else 'open'
  end as status,
  nullif(trim(s.label), '') as status_label,
  nullif(trim(u.name), '') as lead_source,
  l.campaign_id,
  upper(nullif(trim(c.code), '')) as country_code,
  a.first_time as first_response_at,
  case when l.is_converted then l.date_conversion end as converted_at,
  case when l.is_converted then k.id end as converted_account_id,
  case when l.is_converted and not coalesce(p.is_company, false) then p.id end
    as converted_contact_id,
  case when l.is_converted then l.id end as converted_opportunity_id,
  case when l.is_lost and not l.is_converted then nullif(trim(r.label), '') end
    as disqualified_reason
from persons as l
left join answered as a on a.lead_id = l.id
left join crm_stage as s on s.id = l.stage_id
left join utm_source as u on u.id = l.source_id
left join res_country as c on c.id = l.country_id
left join crm_lost_reason as r on r.id = l.lost_reason_id
left join res_partner as p on p.id = l.partner_id
left join res_partner as k on k.id = coalesce(p.commercial_partner_id, p.parent_id, p.id)
