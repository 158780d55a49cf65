-- ForecastingQuota gives the first day of a period; object Period its last day. Without that, a period
-- ends before the next one begins, and the last one known lasts as many months as the one before.
with starts as (
  select start_date
  from forecasting_quota
  where start_date between date '1900-01-01' and date '2999-12-31'
  group by start_date
),
neighbours as (
  select
    start_date,
    lead(start_date) over (order by start_date) as next_start,
    lag(start_date) over (order by start_date) as previous_start,
    substring(cast(start_date as varchar), 9, 2) as day_no
  from starts
),
lengths as (
  select
    start_date,
    next_start,
    day_no,
    cast(coalesce(cast(start_date as date) - cast(previous_start as date), 28) as int) as days
  from neighbours
),
periods as (
  select
    start_date,
    case
      when next_start is not null then cast(next_start as date) - 1
      when day_no = '01' then cast(
        substring(cast(cast(start_date as date) + (days + 3) as varchar), 1, 8) || '01' as date
      ) - 1
      else cast(start_date as date) + (days - 1)
    end as period_end
  from lengths
),
known as (
  select id, max(end_date) as end_date from period where id is not null group by id
)
select
  q.id,
  coalesce(q.is_deleted, false) as is_deleted,
  q.quota_owner_id as owner_id,
  q.start_date as period_start,
  case when k.end_date >= q.start_date then k.end_date else p.period_end end as period_end,
  'bookings' as measure,
  q.quota_amount as target_amount,
  upper(nullif(trim(q.currency_iso_code), '')) as currency
from forecasting_quota as q
inner join periods as p on p.start_date = q.start_date
left join known as k on k.id = q.period_id
where q.quota_amount is not null
