/*---
label: Marketing emails
grain: one row per campaign, email and recipient
time: sent_date
needs: [email_event]
dimensions: {campaign: Campaign, channel: Channel, email_id: Email, segment: Segment, region: Region, industry: Industry, lead_source: Lead source, recency: Recency}
columns: {recipient: Recipient, sent_date: Sent, opened_date: Opened}
personal: {recipient: recipient_id}
questions:
  - "Do our emails arrive?"
  - "Who stops listening?"
---*/
-- Opens and clicks flagged as made by machines do not count, but they prove delivery.
-- Where a source reports no deliveries at all, delivered is what was sent and did not bounce.
with source_reports as (
  select
    source_system,
    max(case when event_type = 'delivered' then 1 else 0 end) as has_deliveries
  from email_event
  group by source_system
),
events as (
  select
    e.campaign_id,
    coalesce(e.email_id, '(none)') as email_id,
    lower(coalesce(e.recipient, c.email, l.email, e.contact_id, e.lead_id, e.id)) as recipient,
    e.contact_id,
    e.lead_id,
    e.event_type,
    e.bounce_type,
    e.occurred_date,
    case when e.is_bot then 0 else 1 end as is_human,
    s.has_deliveries
  from email_event as e
  left join source_reports as s on s.source_system = e.source_system
  left join contact as c on c.id = e.contact_id
  left join lead as l on l.id = e.lead_id
),
received as (
  select
    campaign_id,
    email_id,
    recipient,
    max(contact_id) as any_contact_id,
    max(lead_id) as any_lead_id,
    min(occurred_date) as first_date,
    min(case when event_type = 'sent' then occurred_date end) as first_sent_date,
    min(case when event_type = 'open' and is_human = 1 then occurred_date end) as opened_date,
    max(case when event_type = 'sent' then 1 else 0 end) as has_sent,
    max(case when event_type = 'delivered' then 1 else 0 end) as has_delivered,
    max(case when event_type = 'bounce' then 1 else 0 end) as has_bounce,
    max(case when event_type = 'bounce' and bounce_type = 'hard' then 1 else 0 end) as has_hard_bounce,
    max(case when event_type in ('open', 'click', 'unsubscribe', 'spam_report') then 1 else 0 end)
      as has_reaction,
    max(case when event_type = 'open' then is_human else 0 end) as has_open,
    max(case when event_type = 'click' then is_human else 0 end) as has_click,
    max(case when event_type = 'unsubscribe' then 1 else 0 end) as has_unsubscribe,
    max(case when event_type = 'spam_report' then 1 else 0 end) as has_spam_report,
    max(case when event_type = 'dropped' then 1 else 0 end) as has_drop,
    max(coalesce(has_deliveries, 0)) as is_delivery_reported
  from events
  group by campaign_id, email_id, recipient
),
arrived as (
  select
    campaign_id,
    email_id,
    recipient,
    any_contact_id,
    any_lead_id,
    coalesce(first_sent_date, first_date) as sent_date,
    opened_date,
    has_open,
    has_click,
    has_unsubscribe,
    has_spam_report,
    case
      when has_reaction = 1 then 0
      when has_hard_bounce = 1 then 1
      when has_delivered = 1 then 0
      else has_bounce
    end as is_bounced,
    case
      when has_reaction = 1 then 1
      when has_hard_bounce = 1 then 0
      when has_delivered = 1 then 1
      when is_delivery_reported = 0 and has_bounce = 0 and has_drop = 0 then has_sent
      else 0
    end as is_delivered,
    has_sent
  from received
)
select
  r.campaign_id as campaign_id,
  r.email_id as email_id,
  r.recipient as recipient,
  coalesce(r.any_contact_id, r.any_lead_id) as recipient_id,
  coalesce(g.name, '(none)') as campaign,
  coalesce(g.channel, '(none)') as channel,
  coalesce(a.segment, '(unknown)') as segment,
  coalesce(a.region, '(unknown)') as region,
  coalesce(a.industry, l.industry, '(unknown)') as industry,
  coalesce(c.lead_source, l.lead_source, '(none)') as lead_source,
  case
    when d.days_ago between 0 and 29 then 'last 30 days'
    when d.days_ago between 30 and 59 then '30 days before'
    else 'other'
  end as recency,
  r.sent_date as sent_date,
  r.opened_date as opened_date,
  case when r.has_sent = 1 or r.is_delivered = 1 or r.is_bounced = 1 then 1 else 0 end as is_sent,
  r.is_delivered as is_delivered,
  r.is_bounced as is_bounced,
  r.has_open as is_opened,
  r.has_click as is_clicked,
  r.has_unsubscribe as is_unsubscribed,
  r.has_spam_report as is_spam_report
from arrived as r
left join campaign as g on g.id = r.campaign_id
left join contact as c on c.id = r.any_contact_id
left join lead as l on l.id = r.any_lead_id
left join account as a on a.id = coalesce(c.account_id, l.converted_account_id)
left join calendar as d on d.date_day = r.sent_date
