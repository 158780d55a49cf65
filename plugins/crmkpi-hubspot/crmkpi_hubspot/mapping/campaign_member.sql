-- Who was sent a marketing email; a click that is not a bot's is the response.
with reached as (
  select
    e.email_campaign_id, m.contact_id,
    min(case when lower(trim(e.type)) = 'sent' then e.created end) as sent_at,
    min(case
      when lower(trim(e.type)) = 'click' and not coalesce(e.filtered_event, false) then e.created
    end) as clicked_at
  from email_event as e
  inner join contact_address as m on m.address = lower(trim(e.recipient))
  where e.email_campaign_id is not null
  group by e.email_campaign_id, m.contact_id
)
select
  r.email_campaign_id || '/' || r.contact_id as id,
  r.sent_at as created_at,
  r.email_campaign_id as campaign_id,
  l.id as lead_id,
  r.contact_id,
  case when r.clicked_at is not null then 'clicked' else 'sent' end as status,
  r.sent_at as first_touch_at,
  r.clicked_at is not null as has_responded,
  r.clicked_at as responded_at
from reached as r
left join lead_contact as l on l.id = r.contact_id
where r.sent_at is not null
