-- Events that HubSpot filtered are those of bots and of the own staff. A status change that ends the
-- subscription is an unsubscribe. Other types (processed, deferred, print, forward) are left out.
with digits as (
  select 0 as n union all select 1 as n union all select 2 as n union all select 3 as n
  union all select 4 as n union all select 5 as n union all select 6 as n union all select 7 as n
  union all select 8 as n union all select 9 as n
),
merges as (
  select
    trim(split_part(s.hs_merged_object_ids, ';', 1 + a.n + 10 * b.n + 100 * c.n)) as id,
    s.id as survivor_id
  from contact as s
  cross join digits as a cross join digits as b cross join digits as c
  where nullif(trim(s.hs_merged_object_ids), '') is not null and a.n + 10 * b.n + 100 * c.n
    <= length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
  union all
  select vid_to_merge as id, canonical_vid as survivor_id from contact_merge_audit
),
survivors as (
  select id, min(survivor_id) as survivor_id from merges where survivor_id <> id group by id
),
-- the address of a contact that was merged away is one of its survivor
mails as (
  select
    lower(trim(c.email)) as address, coalesce(s.survivor_id, c.id) as id,
    row_number() over (
      partition by lower(trim(c.email))
      order by case when s.id is null then 0 else 1 end, c.createdate desc, c.id
    ) as place
  from contact as c
  left join survivors as s on s.id = c.id
  where trim(c.email) <> '' and not coalesce(c.is_deleted, false)
    and not coalesce(c._fivetran_deleted, false)
),
leads as (
  select distinct id from contact
  where lower(trim(lifecyclestage)) in ('lead', 'marketingqualifiedlead', 'salesqualifiedlead')
    or hs_lifecyclestage_lead_date is not null
    or hs_lifecyclestage_marketingqualifiedlead_date is not null
    or hs_lifecyclestage_salesqualifiedlead_date is not null
),
told as (
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
  m.id as contact_id,
  l.id as lead_id,
  nullif(t.address, '') as recipient,
  t.event_type,
  case when t.event_type = 'bounce' then t.category end as bounce_type,
  t.created as occurred_at,
  nullif(trim(t.url), '') as url,
  coalesce(t.filtered_event, false) as is_bot
from told as t
left join mails as m on m.address = t.address and m.place = 1
left join leads as l on l.id = m.id
where t.event_type is not null
