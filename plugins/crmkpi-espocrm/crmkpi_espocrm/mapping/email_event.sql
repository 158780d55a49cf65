-- The log names the address in string_data; else it is the primary one of the person now.
with links as (
  select id, min(nullif(trim(campaign_tracking_url.url), '')) as target from campaign_tracking_url group by id
),
mailings as (
  select id, min(email_queue_item.mass_email_id) as mailing_id from email_queue_item group by id
),
logged as (
  select
    l.*,
    lower(trim(l.parent_type)) as kind,
    lower(trim(l.action)) as event
  from campaign_log_record as l
)
select
  g.id,
  g.action_date as created_at,
  coalesce(g.deleted, false) or coalesce(g.is_test, false) as is_deleted,
  nullif(trim(g.campaign_id), '') as campaign_id,
  m.mailing_id as email_id,
  case when g.kind = 'contact' then nullif(trim(g.parent_id), '') end as contact_id,
  case when g.kind = 'lead' then nullif(trim(g.parent_id), '') end as lead_id,
  nullif(lower(trim(case when g.string_data like '%@%' then g.string_data else e.address end)), '')
    as recipient,
  case g.event
    when 'sent' then 'sent'
    when 'opened' then 'open'
    when 'clicked' then 'click'
    when 'opted out' then 'unsubscribe'
    else 'bounce'
  end as event_type,
  case
    when g.event = 'bounced' and lower(trim(g.string_additional_data)) = 'hard' then 'hard'
    when g.event = 'bounced' and lower(trim(g.string_additional_data)) = 'soft' then 'soft'
  end as bounce_type,
  g.action_date as occurred_at,
  case when g.event = 'clicked' then k.target end as url
from logged as g
left join primary_address as e on e.entity_id = g.parent_id and e.kind = g.kind
left join links as k on k.id = g.object_id
left join mailings as m on m.id = g.queue_item_id
where g.id is not null and g.action_date is not null
  and g.event in ('sent', 'opened', 'clicked', 'opted out', 'bounced')
