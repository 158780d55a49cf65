-- Who was sent a marketing email; a click that is not a bot's is the response.
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
reached as (
  select
    e.email_campaign_id, m.id as contact_id,
    min(case when lower(trim(e.type)) = 'sent' then e.created end) as sent_at,
    min(case
      when lower(trim(e.type)) = 'click' and not coalesce(e.filtered_event, false) then e.created
    end) as clicked_at
  from email_event as e
  inner join mails as m on m.address = lower(trim(e.recipient)) and m.place = 1
  where e.email_campaign_id is not null
  group by e.email_campaign_id, m.id
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
left join leads as l on l.id = r.contact_id
where r.sent_at is not null
