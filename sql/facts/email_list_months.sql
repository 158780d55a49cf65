/*---
label: Email list
grain: one row per month
company_wide: true
time: month_date
needs: [contact, email_event]
columns: {start_size: On the list at start, joined: New subscribers, left_list: Unsubscribes}
questions:
  - "Does our audience grow?"
---*/
-- On the list: a contact with an email address, from its creation to its first unsubscribe. One
-- who opted out on a day nobody recorded was never counted, so that no month loses it wrongly.
with leavers as (
  select contact_id, min(occurred_date) as left_date
  from email_event
  where event_type = 'unsubscribe' and contact_id is not null
  group by contact_id
),
subscribers as (
  select c.id as contact_id, c.created_date as joined_date, l.left_date
  from contact as c
  left join leavers as l on l.contact_id = c.id
  where c.email is not null and c.created_date is not null
    and (l.left_date is not null or coalesce(c.is_email_opt_out, false) = false)
    and coalesce(l.left_date, c.created_date) >= c.created_date
),
changes as (
  select d.month_no, 1 as came, 0 as went
  from subscribers as s
  inner join calendar as d on d.date_day = s.joined_date
  union all
  select d.month_no, 0 as came, 1 as went
  from subscribers as s
  inner join calendar as d on d.date_day = s.left_date
),
monthly as (
  select month_no, sum(c.came) as came, sum(c.went) as went from changes as c group by month_no
),
months as (
  select c.month_no, c.month_start
  from calendar as c
  cross join (select min(month_no) as first_month_no from monthly) as f
  where c.months_ago >= 0 and c.month_no >= f.first_month_no and c.date_day = c.month_start
)
select
  m.month_start as month_date,
  coalesce(n.came, 0) as joined,
  coalesce(n.went, 0) as left_list,
  sum(coalesce(n.came, 0) - coalesce(n.went, 0)) over (order by m.month_no)
    - coalesce(n.came, 0) + coalesce(n.went, 0) as start_size
from months as m
left join monthly as n on n.month_no = m.month_no
