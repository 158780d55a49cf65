/*---
label: Pipeline against target
grain: one row per month with a target, team and owner
time: month_start
needs: [opportunity, quota]
dimensions: {owner: Owner, team: Team, horizon: Horizon}
columns: {target_amount: Target, won_amount: Won, open_due_amount: Open and due, weighted_due_amount: Open and due (weighted), gap_amount: Still to win}
measures:
  won_value: {label: Won, unit: money, sql: sum(won_amount)}
  target_value: {label: Target, unit: money, sql: sum(target_amount)}
questions: ["Is there enough pipeline to reach the target?", "Who is behind target?"]
---*/
-- A quota is spread evenly over its months. The quota of a team counts where none of its members has
-- one of their own in the month, and one of nobody where there is no other: so none counts twice.
-- Months without any quota are left out: what was won in them is against no target. Where no deal has
-- an amount, or no open one a day on which it is expected, the sums are not known.
with months as (
  select month_start, max(date_day) as month_end, min(months_ago) as ago
  from calendar
  group by month_start
),
spread as (
  select
    m.month_start,
    q.owner_id,
    coalesce(q.team_id, u.team_id) as team_id,
    q.target_amount_base / count(*) over (partition by q.id) as part_amount
  from quota as q
  inner join months as m on m.month_start <= q.period_end and q.period_start <= m.month_end
  left join "user" as u on u.id = q.owner_id
  where q.measure = 'bookings'
),
leveled as (
  select
    s.month_start,
    s.owner_id,
    s.team_id,
    s.part_amount,
    case when s.owner_id is not null then 1 when s.team_id is not null then 2 else 3 end as level_no,
    max(case when s.owner_id is not null then 1 else 0 end)
      over (partition by s.month_start, coalesce(s.team_id, '(none)')) as is_team_by_owner,
    max(case when s.owner_id is not null or s.team_id is not null then 1 else 0 end)
      over (partition by s.month_start) as is_month_by_part
  from spread as s
),
known as (
  select
    case when count(*) = 0 or count(amount_base) > 0 then 1.0 end as of_amount,
    case
      when sum(case when status = 'open' then 1 else 0 end) > 0 and count(amount_base) > 0
        then case when count(case when status = 'open' then expected_close_date end) > 0 then 1.0 end
      when count(*) = 0 or count(amount_base) > 0 then 1.0
    end as of_due
  from opportunity
),
target_months as (
  select distinct month_start from leveled
),
amounts as (
  select
    l.month_start,
    h.person_id as person_id,
    coalesce(u.name, '(none)') as owner,
    coalesce(m.name, '(none)') as team,
    l.part_amount as target_part,
    0.0 as won_part,
    0.0 as open_part,
    0.0 as weighted_part
  from leveled as l
  left join "user" as u on u.id = l.owner_id
  left join people as h on h.user_id = l.owner_id
  left join team as m on m.id = case when l.owner_id is null then l.team_id else u.team_id end
  where l.level_no = 1 or (l.level_no = 2 and l.is_team_by_owner = 0) or (l.level_no = 3 and l.is_month_by_part = 0)
  union all
  select
    t.month_start as month_start,
    o.person_id as person_id,
    o.owner as owner,
    o.team as team,
    0.0 as target_part,
    coalesce(o.won_amount, 0.0) as won_part,
    0.0 as open_part,
    0.0 as weighted_part
  from opportunities as o
  inner join calendar as c on c.date_day = o.closed_date
  inner join target_months as t on t.month_start = c.month_start
  where o.is_won = 1
  union all
  select
    t.month_start as month_start,
    o.person_id as person_id,
    o.owner as owner,
    o.team as team,
    0.0 as target_part,
    0.0 as won_part,
    coalesce(o.open_amount, 0.0) as open_part,
    coalesce(o.weighted_amount, 0.0) as weighted_part
  from opportunities as o
  inner join calendar as c on c.date_day = o.expected_close_date
  inner join target_months as t on t.month_start = c.month_start
  where o.is_open = 1
),
summed as (
  select
    month_start,
    person_id,
    owner,
    team,
    sum(target_part) as target_amount,
    sum(won_part) * max(k.of_amount) as won_amount,
    sum(open_part) * max(k.of_due) as open_due_amount,
    sum(weighted_part) * max(k.of_due) as weighted_due_amount
  from amounts
  cross join known as k
  group by month_start, person_id, owner, team
)
select
  s.month_start,
  s.person_id,
  s.owner,
  s.team,
  case
    when m.ago > 0 then 'over'
    when m.ago > -3 then 'next 3 months'
    else 'later'
  end as horizon,
  s.target_amount,
  s.won_amount,
  s.open_due_amount,
  s.weighted_due_amount,
  case
    when s.target_amount > s.won_amount then s.target_amount - s.won_amount
    when s.won_amount is not null then 0.0
  end as gap_amount,
  case
    when s.won_amount is null then '(unknown)'
    when s.target_amount = 0 then 'no target'
    when s.won_amount >= s.target_amount then 'met'
    else 'open'
  end as target_status
from summed as s
inner join months as m on m.month_start = s.month_start
