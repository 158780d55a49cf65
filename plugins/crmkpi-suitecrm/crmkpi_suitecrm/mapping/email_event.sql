-- The log has one row per recipient, activity and link; repeats only raise its counter. What went to
-- a test list is a test. The recipient is the primary address of the person now.
with addresses as (
  select
    r.bean_id, lower(trim(r.bean_module)) as kind, a.email_address,
    row_number() over (
      partition by r.bean_id, lower(trim(r.bean_module))
      order by case when r.primary_address then 0 else 1 end, r.id, a.id
    ) as place
  from email_addr_bean_rel as r
  inner join email_addresses as a on a.id = r.email_address_id and not coalesce(a.deleted, false)
  where not coalesce(r.deleted, false)
),
tests as (
  select id from prospect_lists where lower(trim(list_type)) = 'test'
),
links as (
  select id, min(nullif(trim(tracker_url), '')) as url from campaign_trkrs group by id
),
logged as (
  select
    g.*,
    lower(trim(g.target_type)) as kind,
    lower(trim(g.activity_type)) as activity
  from campaign_log as g
)
select
  g.id,
  g.activity_date as created_at,
  coalesce(g.deleted, false) or t.id is not null as is_deleted,
  nullif(trim(g.campaign_id), '') as campaign_id,
  nullif(trim(g.marketing_id), '') as email_id,
  case when g.kind = 'contacts' then nullif(trim(g.target_id), '') end as contact_id,
  case when g.kind = 'leads' then nullif(trim(g.target_id), '') end as lead_id,
  nullif(lower(trim(e.email_address)), '') as recipient,
  case g.activity
    when 'targeted' then 'sent'
    when 'viewed' then 'open'
    when 'link' then 'click'
    when 'removed' then 'unsubscribe'
    when 'invalid email' then 'bounce'
    when 'send error' then 'bounce'
    else 'dropped'
  end as event_type,
  case g.activity when 'invalid email' then 'hard' when 'send error' then 'soft' end as bounce_type,
  g.activity_date as occurred_at,
  case when g.activity = 'link' then k.url end as url
from logged as g
left join tests as t on t.id = g.list_id
left join addresses as e on e.bean_id = g.target_id and e.kind = g.kind and e.place = 1
left join links as k on k.id = g.related_id
where g.id is not null and g.activity_date is not null
  and g.activity in ('targeted', 'viewed', 'link', 'removed', 'invalid email', 'send error', 'blocked')
