/*---
label: Campaign members
grain: one row per campaign and lead or contact reached by it
records: {member_id: campaign_member}
time: member_date
needs: [campaign_member]
opens: {lead_id: lead, contact_id: contact}
dimensions: {campaign: Campaign, channel: Channel, campaign_type: Campaign type, segment: Segment, region: Region, industry: Industry, lead_source: Lead source, owner: Owner, team: Team}
columns: {member_name: Member, account_name: Account, member_date: Reached on, responded_date: Responded on}
personal: {member_name: member_id}
measures:
  members_reached: {label: Reached, unit: count, sql: sum(is_reached)}
  members_converted: {label: Converted, unit: count, sql: sum(is_converted)}
settings:
  converted_statuses: {default: [converted, purchased, registered, attended], about: "member statuses (lower case) that mean the desired action was taken, beside an opportunity"}
  conversion_days: {default: 90, about: days after the first touch within which an opportunity or a converted lead counts for the campaign}
questions:
  - "Which segments answer us?"
  - "Which campaigns lead to deals?"
---*/
-- Reached: the first touch lies in the past. The desired action is an opportunity opened (or the
-- lead converted) within `conversion_days` of the first touch, or one of `converted_statuses`.
-- Without such a window an old campaign would look better than a new one whatever it did.
with deal_contacts as (
  select primary_contact_id as contact_id, created_date
  from opportunity
  union all
  select c.contact_id, o.created_date
  from opportunity_contact as c
  inner join opportunity as o on o.id = c.opportunity_id
  union all
  select l.converted_contact_id as contact_id, k.created_date
  from lead_opportunities as k
  inner join lead as l on l.id = k.lead_id
),
actions as (
  select m.id as member_id, m.first_touch_date, d.created_date as action_date
  from campaign_member as m
  inner join deal_contacts as d on d.contact_id = m.contact_id
  union all
  select m.id as member_id, m.first_touch_date, k.created_date as action_date
  from campaign_member as m
  inner join lead_opportunities as k on k.lead_id = m.lead_id
  union all
  select m.id as member_id, m.first_touch_date, l.converted_date as action_date
  from campaign_member as m
  inner join lead as l on l.id = m.lead_id
),
converted as (
  select distinct a.member_id
  from actions as a
  inner join calendar as t on t.date_day = a.first_touch_date
  inner join calendar as c on c.date_day = a.action_date
  where c.day_no between t.day_no and t.day_no + $conversion_days
),
members as (
  select
    m.id as member_id,
    m.campaign_id,
    m.lead_id,
    m.contact_id,
    m.first_touch_date,
    m.responded_date,
    case when c.days_ago >= 0 then 1 else 0 end as is_reached,
    case when m.has_responded or m.responded_date is not null then 1 else 0 end as has_response,
    case
      when lower(m.status) in $converted_statuses then 1
      when v.member_id is not null then 1
      else 0
    end as has_conversion,
    coalesce(
      p.first_name || ' ' || p.last_name, p.last_name, p.email,
      l.first_name || ' ' || l.last_name, l.last_name, l.company_name, l.email, '(none)'
    ) as member_name,
    coalesce(p.account_id, l.converted_account_id) as account_id,
    coalesce(p.lead_source, l.lead_source, '(none)') as lead_source,
    coalesce(p.owner_id, l.owner_id) as owner_id,
    l.industry as lead_industry
  from campaign_member as m
  left join calendar as c on c.date_day = m.first_touch_date
  left join contact as p on p.id = m.contact_id
  left join lead as l on l.id = m.lead_id
  left join converted as v on v.member_id = m.id
)
select
  m.member_id as member_id,
  m.campaign_id as campaign_id,
  m.lead_id as lead_id,
  m.contact_id as contact_id,
  m.first_touch_date as member_date,
  m.responded_date as responded_date,
  m.member_name as member_name,
  coalesce(a.name, '(none)') as account_name,
  coalesce(g.name, '(none)') as campaign,
  coalesce(g.channel, '(none)') as channel,
  coalesce(g.campaign_type, '(none)') as campaign_type,
  coalesce(a.segment, '(unknown)') as segment,
  coalesce(a.region, '(unknown)') as region,
  coalesce(a.industry, m.lead_industry, '(unknown)') as industry,
  m.lead_source as lead_source,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  1 as is_member,
  m.is_reached as is_reached,
  m.is_reached * m.has_response as is_responded,
  m.is_reached * m.has_conversion as is_converted
from members as m
left join campaign as g on g.id = m.campaign_id
left join account as a on a.id = m.account_id
left join "user" as u on u.id = m.owner_id
left join team as t on t.id = u.team_id
