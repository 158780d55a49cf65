-- Marketing emails. One starts with the first message that was sent.
with sent as (
  select email_campaign_id, min(created) as first_sent_at
  from email_event
  where lower(trim(type)) = 'sent'
  group by email_campaign_id
)
select
  c.id,
  coalesce(nullif(trim(c.name), ''), nullif(trim(c.subject), ''), '(none)') as name,
  'email' as campaign_type,
  'email' as channel,
  s.first_sent_at as start_date
from email_campaign as c
left join sent as s on s.email_campaign_id = c.id
where c.id is not null
