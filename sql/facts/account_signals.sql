/*---
label: Account signals
grain: one row per account; what its health and its chance of an upgrade are read from
key: [account_id]
time: as_of_date
needs: [account]
opens: {account_id: account}
columns: {usage_signal: Usage, ticket_signal: Tickets, sentiment_signal: Sentiment, relationship_signal: Relationship, payment_signal: Payment, renewal_signal: Renewal}
settings:
  healthy_active_days: {default: 12, about: active days in the last 28 that give full marks for usage}
  sentiment_days: {default: 180, about: days for which an answer to a survey counts}
  relationship_fresh_days: {default: 14, about: a last contact at most this many days ago gives full marks}
  relationship_cold_days: {default: 90, about: a last contact this many days ago gives none}
  payment_zero_days: {default: 60, about: an invoice overdue by this many days gives none}
questions: ["Which signals do we have of this customer?"]
---*/
-- Each signal runs from 0 (bad) to 100 (good); it is null where nothing is known: no usage ever,
-- never a ticket, no answer lately, no contact ever, no invoice, no open renewal.
with usage as (
  select
    e.account_id,
    count(distinct case when c.days_ago < 28 then e.event_date end) as active_days_28,
    count(distinct case when c.days_ago < 28 then coalesce(e.contact_id, e.visitor_id) end)
      as active_users_28,
    sum(case when c.days_ago < 28 then e.event_count else 0 end) as events_28,
    sum(case when c.days_ago between 28 and 55 then e.event_count else 0 end) as events_before_28
  from product_usage_event as e
  join calendar as c on c.date_day = e.event_date
  where c.days_ago >= 0 and e.event_count > 0
  group by e.account_id
),
open_cases as (
  select
    account_id,
    sum(case when status in ('solved', 'closed', 'merged') then 0 else 1 end) as open_tickets,
    sum(case
      when status in ('solved', 'closed', 'merged') then 0
      when priority in ('high', 'urgent') or is_escalated then 1
      else 0
    end) as urgent_tickets
  from ticket
  group by account_id
),
answers as (
  select
    r.account_id,
    avg(coalesce(
      r.normalized_score,
      100.0 * (r.score - r.scale_min) / nullif(r.scale_max - r.scale_min, 0)
    )) as sentiment
  from survey_response as r
  join calendar as c on c.date_day = r.responded_date
  where r.survey_type in ('csat', 'nps') and c.days_ago between 0 and $sentiment_days
  group by r.account_id
),
contacts as (
  select account_id, coalesce(occurred_date, completed_date) as contact_date
  from activity where status <> 'cancelled'
  union all
  select id, last_activity_date from account
),
last_contact as (
  select x.account_id, min(c.days_ago) as days_since_contact
  from contacts as x
  join calendar as c on c.date_day = x.contact_date
  where c.days_ago >= 0
  group by x.account_id
),
unpaid as (
  select
    i.account_id,
    max(case
      when i.status in ('open', 'uncollectible') and c.days_ago > 0 then c.days_ago else 0
    end) as days_overdue
  from invoice as i
  left join calendar as c on c.date_day = coalesce(i.due_date, i.issued_date)
  where i.document_type = 'invoice' and i.status in ('open', 'paid', 'uncollectible')
  group by i.account_id
),
next_renewal as (
  select
    account_id,
    min(days_until_due) as days_until_renewal,
    max(r.is_notice_given) as is_notice_given,
    min(case
      when r.is_notice_given = 1 then 0.0
      when is_auto_renew = 1 or days_until_due > 90 then 100.0
      when days_until_due < 0 then 0.0
      else 100.0 * days_until_due / 90
    end) as renewal_signal
  from renewals as r
  where is_open = 1
  group by account_id
),
held as (
  select
    s.account_id,
    count(distinct p.family) as families_held,
    sum(s.quantity) as seats
  from subscription as s
  left join product as p on p.id = s.product_id
  where s.status in ('active', 'past_due')
  group by s.account_id
),
sold as (
  select count(distinct p.family) as families_sold
  from subscription as s join product as p on p.id = s.product_id
  where s.status in ('active', 'past_due')
)
select
  a.id as account_id,
  n.date_day as as_of_date,
  u.active_days_28, u.active_users_28, u.events_28, u.events_before_28,
  -- none is zero days, unless nobody's usage is known
  case when x.used_accounts > 0 then coalesce(u.active_days_28, 0) end as known_active_days,
  case
    when u.active_days_28 >= $healthy_active_days then 100.0
    else 100.0 * u.active_days_28 / $healthy_active_days
  end as usage_signal,
  t.open_tickets, t.urgent_tickets,
  case
    when t.open_tickets + t.urgent_tickets > 6 then 0.0
    else 100.0 - 15 * (t.open_tickets + t.urgent_tickets)
  end as ticket_signal,
  r.sentiment as sentiment_signal,
  l.days_since_contact,
  case
    when l.days_since_contact <= $relationship_fresh_days then 100.0
    when l.days_since_contact >= $relationship_cold_days then 0.0
    else 100.0 * ($relationship_cold_days - l.days_since_contact)
      / ($relationship_cold_days - $relationship_fresh_days)
  end as relationship_signal,
  i.days_overdue,
  case
    when i.days_overdue >= $payment_zero_days then 0.0
    else 100.0 - 100.0 * i.days_overdue / $payment_zero_days
  end as payment_signal,
  w.days_until_renewal, w.is_notice_given, w.renewal_signal,
  h.seats, h.families_held, s.families_sold
from account as a
cross join (select date_day from calendar where days_ago = 0) as n
cross join sold as s
cross join (select count(account_id) as used_accounts from usage) as x
left join usage as u on u.account_id = a.id
left join open_cases as t on t.account_id = a.id
left join answers as r on r.account_id = a.id
left join last_contact as l on l.account_id = a.id
left join unpaid as i on i.account_id = a.id
left join next_renewal as w on w.account_id = a.id
left join held as h on h.account_id = a.id
