/*---
label: Campaign attribution
grain: one row per won opportunity, campaign that touched it (or none) and attribution model
time: closed_date
needs: [opportunity]
dimensions: {attribution_model: Attribution model, campaign: Campaign, channel: Channel, campaign_type: Campaign type, owner: Owner, team: Team, segment: Segment, region: Region, industry: Industry, lead_source: Lead source}
columns: {opportunity_name: Opportunity, account_name: Account, closed_date: Closed on, attributed_amount: Attributed amount}
measures:
  first_touch_value: {label: First touch, unit: money, sql: sum(case when attribution_model = 'first_touch' then attributed_amount end)}
  last_touch_value: {label: Last touch, unit: money, sql: sum(case when attribution_model = 'last_touch' then attributed_amount end)}
  linear_value: {label: Linear, unit: money, sql: sum(case when attribution_model = 'linear' then attributed_amount end)}
settings:
  attribution_days: {default: 180, about: days before a deal was won within which a touch counts for it}
questions:
  - "Which campaigns bring revenue?"
---*/
-- Touches are what the opportunity's contacts and leads did (a response, a visit, a form) and the
-- campaign set on either, at most `attribution_days` before the day it was won. To be on a mailing list is no touch; a
-- member counts where the source does not tell responses. One touch per campaign and day. Every
-- model has every row, so that the shares of an opportunity add up to 1 per model; without a touch
-- it is 'unattributed'.
with people as (
  select id as opportunity_id, primary_contact_id as contact_id, null as lead_id
  from opportunity
  where status = 'won' and primary_contact_id is not null
  union all
  select opportunity_id, contact_id, null as lead_id from opportunity_contact
  union all
  select k.opportunity_id, l.converted_contact_id as contact_id, k.lead_id
  from lead_opportunities as k
  inner join lead as l on l.id = k.lead_id
),
touches as (
  select
    p.opportunity_id, m.campaign_id, coalesce(m.responded_date, m.first_touch_date) as touch_date
  from people as p
  inner join campaign_member as m on m.contact_id = p.contact_id
  where coalesce(m.has_responded, true) or m.responded_date is not null
  union all
  select
    p.opportunity_id, m.campaign_id, coalesce(m.responded_date, m.first_touch_date) as touch_date
  from people as p
  inner join campaign_member as m on m.lead_id = p.lead_id
  where coalesce(m.has_responded, true) or m.responded_date is not null
  union all
  select p.opportunity_id, m.campaign_id, m.occurred_date as touch_date
  from people as p
  inner join touchpoint as m on m.contact_id = p.contact_id
  union all
  select p.opportunity_id, m.campaign_id, m.occurred_date as touch_date
  from people as p
  inner join touchpoint as m on m.lead_id = p.lead_id
  union all
  select p.opportunity_id, l.campaign_id, l.created_date as touch_date
  from people as p
  inner join lead as l on l.id = p.lead_id
  union all
  select id as opportunity_id, campaign_id, created_date as touch_date from opportunity
),
touch_days as (
  select distinct t.opportunity_id, t.campaign_id, t.touch_date
  from touches as t
  inner join opportunity as o on o.id = t.opportunity_id
  left join calendar as d on d.date_day = t.touch_date
  left join calendar as w on w.date_day = o.closed_date
  where o.status = 'won' and t.campaign_id is not null
    and t.touch_date <= coalesce(o.closed_date, t.touch_date)
    and coalesce(w.day_no - d.day_no, 0) <= $attribution_days
),
by_campaign as (
  select
    opportunity_id,
    campaign_id,
    count(*) as touch_count,
    min(touch_date) as first_date,
    max(touch_date) as last_date
  from touch_days
  group by opportunity_id, campaign_id
),
placed as (
  select
    opportunity_id,
    campaign_id,
    1.0 * touch_count / sum(touch_count) over (partition by opportunity_id) as linear_share,
    row_number() over (partition by opportunity_id order by first_date, campaign_id)
      as place_from_first,
    row_number() over (partition by opportunity_id order by last_date desc, campaign_id)
      as place_from_last
  from by_campaign
),
models as (
  select 'first_touch' as attribution_model
  union all
  select 'last_touch' as attribution_model
  union all
  select 'linear' as attribution_model
),
shared as (
  select
    o.id as opportunity_id,
    p.campaign_id,
    m.attribution_model,
    case
      when p.campaign_id is null then 1.0
      when m.attribution_model = 'linear' then p.linear_share
      when m.attribution_model = 'first_touch' and p.place_from_first = 1 then 1.0
      when m.attribution_model = 'last_touch' and p.place_from_last = 1 then 1.0
      else 0.0
    end as share
  from opportunity as o
  cross join models as m
  left join placed as p on p.opportunity_id = o.id
  where o.status = 'won'
)
select
  s.opportunity_id as opportunity_id,
  s.attribution_model as attribution_model,
  s.campaign_id as campaign_id,
  case when s.campaign_id is null then 'unattributed' else coalesce(g.name, '(unknown)') end
    as campaign,
  case when s.campaign_id is null then 'unattributed' else coalesce(g.channel, '(none)') end
    as channel,
  case when s.campaign_id is null then 'unattributed' else coalesce(g.campaign_type, '(none)') end
    as campaign_type,
  coalesce(o.name, '(none)') as opportunity_name,
  coalesce(a.name, '(none)') as account_name,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  coalesce(a.segment, '(unknown)') as segment,
  coalesce(a.region, '(unknown)') as region,
  coalesce(a.industry, '(unknown)') as industry,
  coalesce(o.lead_source, '(none)') as lead_source,
  o.closed_date as closed_date,
  case when s.campaign_id is null then 0 else 1 end as is_attributed,
  s.share as share,
  o.amount_base * s.share as attributed_amount
from shared as s
inner join opportunity as o on o.id = s.opportunity_id
left join campaign as g on g.id = s.campaign_id
left join account as a on a.id = o.account_id
left join "user" as u on u.id = o.owner_id
left join team as t on t.id = u.team_id
