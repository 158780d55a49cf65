/*---
label: Customer behaviour
grain: one row per account that ever bought, as it stands today
key: [account_id]
time: as_of_date
needs: [account]
opens: {account_id: account}
dimensions: {behaviour: Behaviour, recency_score: Recency (1 to 5), frequency_score: Frequency (1 to 5), value_score: Value (1 to 5), account_name: Account, owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry}
columns: {last_purchase_date: Last purchase, recency_days: Days since, purchase_count: Purchases, purchase_amount: Value, next_action: Next action}
measures:
  behaviour_customers: {label: Customers, unit: count, sql: sum(is_customer)}
  behaviour_recency: {label: Days since last purchase, unit: days, sql: "1.0 * sum(recency_days) / nullif(sum(is_customer), 0)"}
  behaviour_frequency: {label: Purchases per customer, unit: number, sql: "1.0 * sum(purchase_count) / nullif(sum(is_customer), 0)"}
  behaviour_value: {label: Value, unit: money, sql: sum(purchase_amount)}
  behaviour_customer_value: {label: Value per customer, unit: money, sql: "1.0 * sum(purchase_amount) / nullif(count(purchase_amount), 0)"}
settings:
  rfm_days: {default: 365, about: days back in which purchases count for frequency and value; recency looks back without end}
questions: ["Which customers buy often, and which are we about to lose?"]
---*/
-- Scores are quintiles: five times the share of customers that do worse, ties at the middle of their
-- range, so equal values have equal scores and 3 is the middle of any number of customers.
-- Segments by recency R and frequency F (in columns):
--   R    F 1              F 2                  F 3                  F 4, F 5
--   5    new              potential loyalists  potential loyalists  champions
--   4    promising        potential loyalists  potential loyalists  loyal
--   3    about to sleep   about to sleep       needs attention      loyal
--   1-2  hibernating      hibernating          at risk              at risk (F 5: cannot lose)
with bought as (
  select
    p.account_id,
    p.purchase_date,
    p.amount,
    c.days_ago,
    case when c.days_ago < $rfm_days then 1 else 0 end as is_recent
  from purchases as p
  inner join calendar as c on c.date_day = p.purchase_date
  where c.days_ago >= 0
),
summed as (
  select
    account_id,
    max(purchase_date) as last_purchase_date,
    min(days_ago) as recency_days,
    sum(is_recent) as purchase_count,
    sum(case when is_recent = 1 then amount else 0.0 end) as known_amount,
    sum(case when is_recent = 1 and amount is not null then 1 else 0 end) as priced
  from bought
  group by account_id
),
customers as (
  select
    account_id,
    last_purchase_date,
    recency_days,
    purchase_count,
    -- what was bought at unknown prices has an unknown value, not none
    case when purchase_count > 0 and priced = 0 then null else coalesce(known_amount, 0.0) end
      as purchase_amount,
    -- in cents: sums of the same amounts may differ in their last digits
    case
      when purchase_count > 0 and priced = 0 then null
      else floor(coalesce(known_amount, 0.0) * 100 + 0.5)
    end as purchase_cents
  from summed
),
qualities as (
  select 'recency' as quality, 1.0 * (0 - recency_days) as worth from customers
  union all
  select 'frequency' as quality, 1.0 * purchase_count as worth from customers
  union all
  select 'value' as quality, purchase_cents as worth from customers where purchase_cents is not null
),
held as (
  select quality, worth, count(*) as customer_count from qualities group by quality, worth
),
scored as (
  select
    quality,
    worth,
    1 + cast(floor(
      (5 * sum(customer_count) over (partition by quality order by worth) - 2.5 * customer_count)
      / sum(customer_count) over (partition by quality)
    ) as int) as score
  from held
),
placed as (
  select
    k.*,
    r.score as recency_score,
    f.score as frequency_score,
    v.score as value_score,
    case
      when r.score <= 2 and f.score <= 2 then 'hibernating'
      when r.score <= 2 and f.score <= 4 then 'at risk'
      when r.score <= 2 then 'cannot lose'
      when r.score = 5 and f.score >= 4 then 'champions'
      when f.score >= 4 then 'loyal'
      when r.score = 3 and f.score = 3 then 'needs attention'
      when r.score = 3 then 'about to sleep'
      when f.score >= 2 then 'potential loyalists'
      when r.score = 4 then 'promising'
      else 'new'
    end as behaviour
  from customers as k
  inner join scored as r on r.quality = 'recency' and r.worth = 1.0 * (0 - k.recency_days)
  inner join scored as f on f.quality = 'frequency' and f.worth = 1.0 * k.purchase_count
  left join scored as v on v.quality = 'value' and v.worth = k.purchase_cents
)
select
  p.account_id, d.date_day as as_of_date, p.behaviour,
  p.recency_score, p.frequency_score, p.value_score,
  coalesce(a.name, '(unknown)') as account_name,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry,
  p.last_purchase_date, p.recency_days, p.purchase_count, p.purchase_amount,
  1 as is_customer,
  case when p.behaviour in ('champions', 'loyal') then 1 else 0 end as is_core,
  case
    when p.behaviour = 'champions' then 'Ask for a reference or a referral'
    when p.behaviour = 'loyal' then 'Offer the next larger product'
    when p.behaviour in ('potential loyalists', 'promising') then 'Offer a reason to buy again this month'
    when p.behaviour = 'new' then 'Call to hear how the first purchase went'
    when p.behaviour in ('needs attention', 'about to sleep') then 'Write with an offer that ends'
    when p.behaviour in ('at risk', 'cannot lose') then 'Call in person: ask why they stopped'
    else 'Win back with one mailing, then leave in peace'
  end as next_action
from placed as p
cross join (select date_day from calendar where days_ago = 0) as d
left join account as a on a.id = p.account_id
left join "user" as u on u.id = a.owner_id
left join team as t on t.id = u.team_id
