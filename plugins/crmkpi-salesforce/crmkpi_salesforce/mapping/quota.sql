-- ForecastingQuota gives the first day of a period. It ends before the next one begins; the last
-- one known lasts a month, or as long as the one before when periods are longer than months.
with starts as (
  select distinct start_date from forecasting_quota where start_date is not null
),
neighbours as (
  select
    start_date,
    lead(start_date) over (order by start_date) as next_start,
    lag(start_date) over (order by start_date) as previous_start
  from starts
),
periods as (
  select
    start_date,
    case
      when next_start is not null then next_start - 1
      when cast(start_date - previous_start as int) > 31 then start_date + cast(start_date - previous_start as int) - 1
      when extract(month from start_date) = 2 then start_date + 27
      when extract(month from start_date) in (4, 6, 9, 11) then start_date + 29
      else start_date + 30
    end as period_end
  from neighbours
)
select
  q.id,
  coalesce(q.is_deleted, false) as is_deleted,
  q.quota_owner_id as owner_id,
  q.start_date as period_start,
  p.period_end,
  'bookings' as measure,
  q.quota_amount as target_amount,
  upper(nullif(trim(q.currency_iso_code), '')) as currency
from forecasting_quota as q
inner join periods as p on p.start_date = q.start_date
where q.quota_amount is not null
