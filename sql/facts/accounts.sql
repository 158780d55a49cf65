/*---
label: Accounts
grain: one row per account, as it stands today
time: as_of_date
needs: [account]
opens: {account_id: account}
dimensions: {account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry, country: Country, health: Health}
columns: {mrr: MRR, health_score: Health score, health_signals: Signals, risk_reasons: Reasons, next_action: Next action, upsell_reason: Reason, upsell_action: Next action, mrr_at_risk: MRR at risk, days_until_renewal: Days until renewal, usage_signal: Usage, ticket_signal: Tickets, sentiment_signal: Sentiment, relationship_signal: Relationship, payment_signal: Payment, renewal_signal: Renewal}
settings:
  health_weight_usage: {default: 30, about: weight of product usage in the health score}
  health_weight_tickets: {default: 15, about: weight of open tickets in the health score}
  health_weight_sentiment: {default: 20, about: weight of survey answers in the health score}
  health_weight_relationship: {default: 15, about: weight of the last contact in the health score}
  health_weight_payment: {default: 10, about: weight of overdue invoices in the health score}
  health_weight_renewal: {default: 10, about: weight of the next renewal in the health score}
  at_risk_below: {default: 50, about: a customer whose health score is lower is at risk}
  healthy_from: {default: 70, about: a customer whose health score is at least this is healthy}
  seat_limit_share: {default: 0.9, about: share of the seats in use from which a customer is near the limit}
  usage_growth: {default: 1.25, about: usage of the last 28 days over the 28 before from which it is growing}
  gross_margin: {default: 0.8, about: share of recurring revenue left after the cost of serving it}
  lifespan_cap_years: {default: 5, about: longest customer lifespan that lifetime value may assume}
questions: ["Which customers may leave, why, and what do we do?", "Who may buy more?"]
---*/
-- A missing signal is left out and the weights of the others are rescaled. Without any signal the
-- score of the customer success tool stands in. Without billing data the CRM says who is a customer.
-- A customer without a score is neither at risk nor not: that is unknown, and so is its chance.
with present as (
  select account_id, end_mrr
  from account_periods where period_type = 'month' and is_complete = 0 and end_customers = 1
),
year_ago as (
  select account_id, start_customers, churned_customers
  from account_periods where period_type = 'trailing_year' and is_complete = 0
),
billing as (select count(*) as billed from account_periods),
bought as (
  select p.account_id, sum(p.amount) as purchase_amount
  from purchases as p join calendar as c on c.date_day = p.purchase_date and c.days_ago >= 0
  group by p.account_id
),
parts as (
  select
    g.*,
    case when g.usage_signal is null then 0 else $health_weight_usage end as w_usage,
    case when g.ticket_signal is null then 0 else $health_weight_tickets end as w_tickets,
    case when g.sentiment_signal is null then 0 else $health_weight_sentiment end as w_sentiment,
    case when g.relationship_signal is null then 0 else $health_weight_relationship end as w_contact,
    case when g.payment_signal is null then 0 else $health_weight_payment end as w_payment,
    case when g.renewal_signal is null then 0 else $health_weight_renewal end as w_renewal
  from account_signals as g
),
scored as (
  select
    p.*,
    1.0 * (
      p.w_usage * coalesce(p.usage_signal, 0) + p.w_tickets * coalesce(p.ticket_signal, 0)
      + p.w_sentiment * coalesce(p.sentiment_signal, 0)
      + p.w_contact * coalesce(p.relationship_signal, 0)
      + p.w_payment * coalesce(p.payment_signal, 0) + p.w_renewal * coalesce(p.renewal_signal, 0)
    ) / nullif(
      p.w_usage + p.w_tickets + p.w_sentiment + p.w_contact + p.w_payment + p.w_renewal, 0
    ) as own_score,
    case when p.w_usage > 0 then 1 else 0 end + case when p.w_tickets > 0 then 1 else 0 end
      + case when p.w_sentiment > 0 then 1 else 0 end + case when p.w_contact > 0 then 1 else 0 end
      + case when p.w_payment > 0 then 1 else 0 end + case when p.w_renewal > 0 then 1 else 0 end
      as health_signals,
    case when p.seats > 0 and p.active_users_28 >= $seat_limit_share * p.seats then 1 else 0 end
      as is_near_seat_limit,
    case when p.families_held between 1 and p.families_sold - 1 then 1 else 0 end as is_without_a_family
  from parts as p
),
joined as (
  select
    s.*,
    a.name, a.region, a.segment, a.industry, a.country_code, a.owner_id, a.csm_user_id,
    coalesce(s.own_score, a.health_score) as health_score,
    case when b.billed > 0 then coalesce(m.end_mrr, 0) end as mrr,
    case when s.known_active_days is not null or s.families_sold > 0 then 1 else 0 end as is_chance_known,
    case
      when m.end_mrr > 0 or (b.billed = 0 and a.account_type = 'customer') then 1 else 0
    end as is_customer,
    coalesce(y.start_customers, 0) as year_ago_customers,
    coalesce(y.churned_customers, 0) as lost_since_customers,
    coalesce(k.purchase_amount, 0) as purchase_amount,
    case when k.account_id is null then 0 else 1 end as is_buyer,
    case when s.usage_signal < 50 then '; ' || crm_say('little usage') else '' end
      || case when s.ticket_signal < 50 then '; ' || crm_say('many open or urgent tickets') else '' end
      || case when s.sentiment_signal < 50 then '; ' || crm_say('unhappy in surveys') else '' end
      || case when s.relationship_signal < 50 then '; ' || crm_say('no recent contact') else '' end
      || case when s.payment_signal < 50 then '; ' || crm_say('invoice overdue') else '' end
      || case when s.is_notice_given = 1 then '; ' || crm_say('notice given')
           when s.renewal_signal < 50 then '; ' || crm_say('renewal open and near') else '' end as reasons,
    case when s.is_near_seat_limit = 1 then '; ' || crm_say('near the seat limit') else '' end
      || case when s.events_before_28 > 0 and s.events_28 >= $usage_growth * s.events_before_28
           then '; ' || crm_say('usage is growing') else '' end
      || case when s.is_without_a_family = 1
           then '; ' || crm_say('does not have every product family') else '' end as chances
  from scored as s
  join account as a on a.id = s.account_id
  cross join billing as b
  left join present as m on m.account_id = s.account_id
  left join year_ago as y on y.account_id = s.account_id
  left join bought as k on k.account_id = s.account_id
),
flagged as (
  select
    j.*,
    case when j.is_customer = 1 then case when j.health_score < $at_risk_below then 1
      when j.health_score is not null then 0 end end as is_at_risk,
    case when j.is_customer = 1 and j.health_score is not null and j.is_chance_known = 1
      then case when j.health_score >= $healthy_from and j.chances <> '' then 1 else 0 end
      end as is_upsell_candidate
  from joined as j
)
select
  f.account_id, f.as_of_date, f.name as account_name,
  coalesce(o.name, '(none)') as owner,
  coalesce(c.name, o.name, '(none)') as csm,
  coalesce(t.name, '(none)') as team,
  coalesce(f.region, '(none)') as region, coalesce(f.segment, '(none)') as segment,
  coalesce(f.industry, '(none)') as industry, coalesce(f.country_code, '(none)') as country,
  case when f.is_customer = 0 then 'not a customer' when f.health_score is null then '(unknown)'
    when f.is_at_risk = 1 then 'at risk' when f.health_score >= $healthy_from then 'healthy'
    else 'watch' end as health,
  f.mrr, f.is_customer, f.is_at_risk, f.is_upsell_candidate, f.health_score, f.health_signals,
  case when f.is_customer = 1 then f.health_score end as customer_health,
  f.usage_signal, f.ticket_signal, f.sentiment_signal, f.relationship_signal, f.payment_signal,
  f.renewal_signal, f.days_until_renewal, f.active_days_28,
  case when f.is_customer = 1 then f.known_active_days end as customer_active_days,
  f.is_at_risk * f.mrr as mrr_at_risk,
  case when coalesce(f.is_at_risk, 0) = 0 then '' when f.reasons = '' then crm_say('low score') else substr(f.reasons, 3) end
    as risk_reasons,
  case
    when coalesce(f.is_at_risk, 0) = 0 then ''
    when f.is_notice_given = 1 then 'Call the decision maker: ask why, and make an offer'
    when f.ticket_signal < 50 then 'Escalate the open tickets and tell the customer when they are solved'
    when f.usage_signal < 50 then 'Book a session on the use cases and train the users'
    when f.sentiment_signal < 50 then 'Call about the last survey answer'
    when f.payment_signal < 50 then 'Settle the overdue invoice with the customer'
    when f.renewal_signal < 50 then 'Send the renewal offer'
    else 'Book a review with the customer'
  end as next_action,
  case when f.is_upsell_candidate = 1 then substr(f.chances, 3) else '' end as upsell_reason,
  case when coalesce(f.is_upsell_candidate, 0) = 0 then ''
    when f.is_near_seat_limit = 1 then 'Offer more seats before the limit is reached'
    when f.is_without_a_family = 1 then 'Show the product family they do not have'
    else 'Ask what is new and offer the larger plan' end as upsell_action,
  f.year_ago_customers, f.lost_since_customers, f.purchase_amount, f.is_buyer,
  f.mrr * 12 * $gross_margin as annual_margin,
  $lifespan_cap_years as lifespan_cap_years
from flagged as f
left join "user" as o on o.id = f.owner_id
left join "user" as c on c.id = f.csm_user_id
left join team as t on t.id = o.team_id
