/*---
label: Renewals
grain: one row per contract that falls due
time: due_date
needs: [subscription]
opens: {account_id: account}
dimensions: {account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry, due_bucket: Due, renewal_status: Status}
columns: {due_date: Due on, days_until_due: Days until due, arr: Annual value, arr_renewed: Annual value renewed, next_action: Next action}
questions: ["Which contracts fall due next, and what are they worth?", "How many customers renew?"]
---*/
-- Where an account has no renewal records they are derived from its subscriptions: the end of the
-- current term falls due, and a term that began after the first one was renewed on that day.
-- A renewal has no currency of its own: its amounts are in the currency of its subscription.
with paid as (
  select
    s.*,
    case
      when s.ended_date is not null or s.status in ('cancelled', 'expired') then 1 else 0
    end as has_ended,
    case when s.mrr <> 0 then s.mrr_base / s.mrr end as rate
  from subscription as s
  where s.status <> 'trialing'
),
derivable as (
  select p.*
  from paid as p
  where not exists (select 1 from renewal as r where r.account_id = p.account_id)
),
contracts as (
  select
    r.id as renewal_id, r.account_id, r.owner_id, r.due_date, r.status as renewal_status,
    r.arr_up_for_renewal * coalesce(p.rate, 1) as arr,
    r.arr_renewed * coalesce(p.rate, 1) as given_arr,
    case when p.auto_renew then 1 else 0 end as is_auto_renew,
    case when p.notice_given_date is not null then 1 else 0 end as is_notice_given
  from renewal as r
  left join paid as p on p.id = r.subscription_id
  union all
  select
    d.id, d.account_id, null, d.current_term_end,
    case when d.has_ended = 1 then 'churned' else 'open' end,
    d.mrr_base * 12, null,
    case when d.auto_renew then 1 else 0 end,
    case when d.notice_given_date is not null then 1 else 0 end
  from derivable as d
  where d.current_term_end is not null
  union all
  select
    d.id || ':' || cast(c.day_no as text), d.account_id, null, d.current_term_start, 'renewed',
    d.mrr_base * 12, d.mrr_base * 12, case when d.auto_renew then 1 else 0 end, 0
  from derivable as d
  join calendar as c on c.date_day = d.current_term_start
  where d.current_term_start > d.start_date
),
dated as (
  select
    x.*,
    case
      when c.days_ago is not null then -c.days_ago
      when x.due_date < date '2000-01-01' then -9999
      else 9999
    end as days_until_due,
    case when x.renewal_status in ('renewed', 'partially_renewed') then 1 else 0 end as is_renewed,
    case when x.renewal_status = 'open' then 1 else 0 end as is_open
  from contracts as x
  left join calendar as c on c.date_day = x.due_date
),
valued as (
  select
    d.*,
    case when d.days_until_due <= 0 then 1 else 0 end as is_due,
    case
      when d.is_renewed = 0 then 0
      when d.given_arr is null or d.given_arr > d.arr then d.arr
      else d.given_arr
    end as arr_renewed
  from dated as d
)
select
  v.renewal_id, v.account_id,
  coalesce(a.name, '(unknown)') as account_name,
  coalesce(u.name, '(none)') as owner,
  coalesce(c.name, u.name, '(none)') as csm,
  coalesce(t.name, '(none)') as team,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry,
  v.renewal_status, v.due_date, v.days_until_due, v.is_auto_renew, v.is_notice_given,
  case
    when v.is_open = 0 then 'settled'
    when v.days_until_due < 0 then 'overdue'
    when v.days_until_due <= 30 then 'in 30 days'
    when v.days_until_due <= 60 then 'in 31 to 60 days'
    when v.days_until_due <= 90 then 'in 61 to 90 days'
    else 'later'
  end as due_bucket,
  v.is_open,
  v.is_due,
  v.is_renewed * v.is_due as is_renewed_due,
  v.is_open * case when v.days_until_due between 0 and 30 then 1 else 0 end as is_due_in_30,
  v.is_open * case when v.days_until_due between 0 and 60 then 1 else 0 end as is_due_in_60,
  v.is_open * case when v.days_until_due between 0 and 90 then 1 else 0 end as is_due_in_90,
  v.arr,
  v.arr_renewed,
  v.arr * v.is_due as arr_due,
  v.arr_renewed * v.is_due as arr_renewed_due,
  v.arr * v.is_open * case when v.days_until_due between 0 and 90 then 1 else 0 end
    as arr_due_in_90,
  case
    when v.is_open = 0 then ''
    when v.is_notice_given = 1 then 'Notice was given: ask for the reason and make an offer'
    when v.days_until_due < 0 then 'Overdue: settle the renewal with the customer now'
    when v.days_until_due <= 30 then 'Get the decision and the signature'
    when v.days_until_due <= 60 then 'Send the renewal offer'
    when v.days_until_due <= 90 then 'Book the renewal meeting'
    else ''
  end as next_action
from valued as v
left join account as a on a.id = v.account_id
left join "user" as u on u.id = coalesce(v.owner_id, a.csm_user_id, a.owner_id)
left join "user" as c on c.id = a.csm_user_id
left join team as t on t.id = u.team_id
