/*---
label: Lead sources
grain: one row per lead, and per record of spend and lead source it is split over
time: period_date
needs: [lead]
dimensions: {lead_source: Lead source, channel: Channel, campaign: Campaign}
columns: {period_date: Date, spend_amount: Spend, won_amount: Won amount}
measures:
  source_leads: {label: Leads, unit: count, sql: sum(is_lead)}
  source_qualified_rate: {label: Qualified rate, unit: percent, sql: "1.0 * sum(is_qualified) / nullif(sum(is_lead), 0)"}
  source_customer_rate: {label: Lead-to-customer rate, unit: percent, sql: "1.0 * sum(is_customer) / nullif(sum(is_lead), 0)"}
  source_revenue: {label: Revenue, unit: money, sql: sum(won_amount)}
  source_spend: {label: Spend, unit: money, sql: sum(spend_amount)}
  source_cac: {label: Customer acquisition cost, unit: money, sql: "1.0 * sum(spend_amount) / nullif(sum(is_customer), 0)"}
questions: ["Which sources bring customers, and what do these cost?"]
---*/
-- Spend knows campaigns, not sources. What a campaign cost in a month is split over the sources of
-- its leads of that month, by their number; had it none in that month, of all its leads; had it
-- none at all, or is the spend of no campaign, the source is '(none)'. The parts add up to the whole.
with sourced as (
  select l.campaign_id, l.lead_source, c.month_no
  from leads as l
  left join calendar as c on c.date_day = l.created_date
  where l.campaign_id is not null
),
counts as (
  select campaign_id, month_no, lead_source, count(*) as lead_count
  from sourced
  group by campaign_id, month_no, lead_source
  union all
  -- month 0 stands for all of the campaign's leads
  select campaign_id, 0 as month_no, lead_source, count(*) as lead_count
  from sourced
  group by campaign_id, lead_source
),
shares as (
  select
    campaign_id,
    month_no,
    lead_source,
    1.0 * lead_count / sum(lead_count) over (partition by campaign_id, month_no) as share
  from counts
),
known_months as (
  select distinct campaign_id, month_no from counts
),
spent as (
  select
    m.spend_date,
    m.campaign_id,
    coalesce(m.channel, g.channel, m.platform, '(none)') as channel,
    coalesce(g.name, '(none)') as campaign,
    m.spend_base as amount,
    coalesce(k.month_no, 0) as share_month_no
  from marketing_spend as m
  left join calendar as c on c.date_day = m.spend_date
  left join known_months as k on k.campaign_id = m.campaign_id and k.month_no = c.month_no
  left join campaign as g on g.id = m.campaign_id
)
select
  l.created_date as period_date,
  l.lead_source as lead_source,
  l.channel as channel,
  l.campaign as campaign,
  1 as is_lead,
  l.is_qualified as is_qualified,
  l.is_customer as is_customer,
  coalesce(l.won_amount, 0.0) as won_amount,
  cast(null as double) as spend_amount
from leads as l
union all
select
  s.spend_date as period_date,
  coalesce(h.lead_source, '(none)') as lead_source,
  s.channel as channel,
  s.campaign as campaign,
  0 as is_lead,
  0 as is_qualified,
  0 as is_customer,
  cast(null as double) as won_amount,
  s.amount * coalesce(h.share, 1.0) as spend_amount
from spent as s
left join shares as h on h.campaign_id = s.campaign_id and h.month_no = s.share_month_no
