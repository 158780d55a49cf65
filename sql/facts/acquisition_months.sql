/*---
label: Acquisition
grain: one row per month and channel
company_wide: true
time: month_date
needs: [marketing_spend]
dimensions: {channel: Channel}
columns: {marketing_cost: Marketing cost, sales_cost: Sales cost, leads_created: Leads, qualified_leads: Qualified leads, new_customers: New customers, new_mrr: New MRR, attributed_revenue: Attributed revenue}
measures:
  marketing_spend_value: {label: Marketing cost, unit: money, sql: sum(marketing_cost)}
  customers_won: {label: New customers, unit: count, sql: sum(new_customers)}
settings:
  gross_margin: {default: 0.8, about: gross margin of recurring revenue as a fraction}
  max_lifetime_months: {default: 60, about: longest customer lifetime that lifetime value assumes (also when no customer churned)}
  cac_lag_days: {default: 0, about: days by which spend precedes the customers it wins}
  attribution_model: {default: linear, about: "model behind attributed revenue: first_touch, last_touch or linear"}
questions:
  - "What does a new customer cost?"
  - "When is that earned back?"
---*/
-- A new customer is an account in the month of its first won opportunity, else of its first
-- subscription. Platform 'sales' marks sales cost; all other spend is marketing. A customer
-- belongs to the channel of the campaign its first opportunity (or the lead of that) came from.
with won as (
  select
    o.account_id,
    o.closed_date,
    coalesce(g.channel, h.channel, '(none)') as channel,
    o.arr_amount_base / 12.0 as contract_mrr,
    row_number() over (partition by o.account_id order by o.closed_date, o.id) as place
  from opportunity as o
  left join campaign as g on g.id = o.campaign_id
  left join lead_opportunities as k on k.opportunity_id = o.id and k.place = 1
  left join lead as l on l.id = k.lead_id
  left join campaign as h on h.id = l.campaign_id
  where o.status = 'won' and o.account_id is not null and o.closed_date is not null
),
first_won as (
  select account_id, closed_date, channel, contract_mrr from won where place = 1
),
subscribed as (
  select account_id, min(start_date) as first_start_date
  from subscription
  where status <> 'trialing'
  group by account_id
),
customer_ids as (
  select account_id from first_won union select account_id from subscribed
),
first_mrr as (
  select account_id, sum(new_mrr) as starting_mrr
  from account_periods
  where period_type = 'month' and new_customers = 1
  group by account_id
),
customers as (
  select
    i.account_id,
    coalesce(w.closed_date, s.first_start_date) as won_date,
    coalesce(w.channel, '(none)') as channel,
    coalesce(f.starting_mrr, w.contract_mrr) as starting_mrr
  from customer_ids as i
  left join first_won as w on w.account_id = i.account_id
  left join subscribed as s on s.account_id = i.account_id
  left join first_mrr as f on f.account_id = i.account_id
),
pieces as (
  select
    m.spend_date as piece_date, coalesce(m.channel, g.channel, m.platform, '(none)') as channel,
    case when m.platform = 'sales' then null else m.spend_base end as marketing,
    case when m.platform = 'sales' then m.spend_base end as sales,
    cast(null as double) as lagged, 0 as lead_count, 0 as qualified_count, 0 as customer_count,
    cast(null as double) as mrr, cast(null as double) as revenue, cast(null as double) as base_mrr,
    0 as base_customers, 0 as lost_customers
  from marketing_spend as m
  left join campaign as g on g.id = m.campaign_id
  union all
  select
    c.date_day, coalesce(m.channel, g.channel, m.platform, '(none)') as channel,
    null, null, m.spend_base, 0, 0, 0, null, null, null, 0, 0
  from marketing_spend as m
  inner join calendar as d on d.date_day = m.spend_date
  inner join calendar as c on c.day_no = d.day_no + $cac_lag_days
  left join campaign as g on g.id = m.campaign_id
  union all
  select created_date, channel, null, null, null, 1, 0, 0, null, null, null, 0, 0
  from leads
  union all
  select mql_date, channel, null, null, null, 0, 1, 0, null, null, null, 0, 0
  from leads
  union all
  select won_date, channel, null, null, null, 0, 0, 1, starting_mrr, null, null, 0, 0
  from customers
  union all
  select closed_date, channel, null, null, null, 0, 0, 0, null, attributed_amount, null, 0, 0
  from campaign_attribution
  where attribution_model = $attribution_model and is_attributed = 1
  union all
  select
    p.period_start, coalesce(k.channel, '(none)') as channel,
    null, null, null, 0, 0, 0, null, null, p.start_mrr, p.start_customers, p.churned_customers
  from account_periods as p
  left join customers as k on k.account_id = p.account_id
  where p.period_type = 'month' and p.is_complete = 1
)
select
  c.month_start as month_date,
  p.channel as channel,
  sum(p.marketing) as marketing_cost,
  sum(p.sales) as sales_cost,
  sum(p.lagged) as acquisition_cost,
  sum(p.lead_count) as leads_created,
  sum(p.qualified_count) as qualified_leads,
  sum(p.customer_count) as new_customers,
  sum(p.mrr) as new_mrr,
  sum(p.mrr) * $gross_margin as new_margin,
  sum(coalesce(p.revenue, 0)) as attributed_revenue,
  sum(p.base_mrr) * $gross_margin as start_margin,
  sum(p.base_customers) as start_customers,
  sum(p.lost_customers) as churned_customers,
  $max_lifetime_months as lifetime_cap
from pieces as p
inner join calendar as c on c.date_day = p.piece_date
group by c.month_start, p.channel
