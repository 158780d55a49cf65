-- Events that HubSpot filtered are those of bots and of the own staff. A status change that ends the
-- subscription is an unsubscribe. Other types (processed, deferred, print, forward) are left out.
with told as (
  select
    e.id, e.created, lower(trim(e.recipient)) as address, e.email_campaign_id, e.filtered_event,
    coalesce(e.url, c.url) as url,
    coalesce(e.category, b.category) as category,
    case lower(trim(e.type))
      when 'sent' then 'sent'
      when 'delivered' then 'delivered'
      when 'open' then 'open'
      when 'click' then 'click'
      when 'bounce' then 'bounce'
      when 'dropped' then 'dropped'
      when 'spamreport' then 'spam_report'
      when 'statuschange' then case
        when coalesce(e.bounced, s.bounced, false) then null
        when lower(coalesce(e.portal_subscription_status, s.portal_subscription_status))
          = 'unsubscribed' then 'unsubscribe'
        when lower(coalesce(e.subscriptions, s.subscriptions)) like '%unsubscribed%'
          then 'unsubscribe'
      end
    end as event_type
  from email_event as e
  left join email_event_click as c on c.id = e.id
  left join email_event_bounce as b on b.id = e.id
  left join email_event_status_change as s on s.id = e.id
  where e.id is not null and e.created is not null
)
select
  t.id,
  t.created as created_at,
  t.email_campaign_id as campaign_id,
  t.email_campaign_id as email_id,
  m.contact_id,
  l.id as lead_id,
  nullif(t.address, '') as recipient,
  t.event_type,
  case when t.event_type = 'bounce' then t.category end as bounce_type,
  t.created as occurred_at,
  nullif(trim(t.url), '') as url,
  coalesce(t.filtered_event, false) as is_bot
from told as t
left join contact_address as m on m.address = t.address
left join lead_contact as l on l.id = m.contact_id
where t.event_type is not null
