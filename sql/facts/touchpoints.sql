/*---
label: Visits and forms
grain: one row per marketing touchpoint
time: touch_date
needs: [touchpoint]
dimensions: {channel: Channel, campaign: Campaign, touch_type: Type, utm_source: Source, utm_medium: Medium}
columns: {touch_date: Date}
questions:
  - "How many visitors leave their name?"
---*/
-- A lead is captured once: by its first form. Where no form names a lead, nobody knows it.
with seen as (
  select
    id,
    lead_id,
    campaign_id,
    channel,
    touch_type,
    utm_source,
    utm_medium,
    occurred_date,
    count(lead_id) over () as known_leads,
    row_number() over (partition by lead_id, touch_type order by occurred_epoch, id) as place
  from touchpoint
)
select
  s.id as touchpoint_id,
  s.occurred_date as touch_date,
  coalesce(s.channel, '(none)') as channel,
  coalesce(g.name, '(none)') as campaign,
  coalesce(s.touch_type, '(none)') as touch_type,
  coalesce(s.utm_source, '(none)') as utm_source,
  coalesce(s.utm_medium, '(none)') as utm_medium,
  case when s.touch_type = 'form' then 1 else 0 end as is_form,
  case when s.touch_type = 'visit' then 1 else 0 end as is_session,
  case
    when s.known_leads = 0 then null
    when s.touch_type = 'form' and s.lead_id is not null and s.place = 1 then 1
    else 0
  end as is_captured
from seen as s
left join campaign as g on g.id = s.campaign_id
