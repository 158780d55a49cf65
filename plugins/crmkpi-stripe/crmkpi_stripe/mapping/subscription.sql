-- Monthly recurring revenue is price x quantity of all items over the months of their interval, less
-- coupons without an end. What was never paid for is left out.
select
  v.id,
  v.created as created_at,
  v.changed_at as updated_at,
  v.is_gone as is_deleted,
  v.customer_id as account_id,
  v.product_id,
  v.state as status,
  v.begun_at as start_date,
  v.term_start as current_term_start,
  v.term_end as current_term_end,
  cast(v.months as bigint) as term_months,
  case v.months when 1 then 'month' when 3 then 'quarter' when 12 then 'year' end
    as billing_interval,
  v.seats as quantity,
  case when v.net > 0 then v.net else 0.0 end
    / case
      when v.money in ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND',
        'VUV', 'XAF', 'XOF', 'XPF') then 1.0
      when v.money in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000.0 else 100.0
    end as mrr,
  nullif(v.money, '') as currency,
  not (v.is_over or coalesce(v.cancel_at_period_end, false) or v.cancel_at is not null)
    as auto_renew,
  case when v.cancel_at_period_end or v.cancel_at is not null then v.canceled_at end
    as notice_given_at,
  case when v.is_over then v.canceled_at end as cancelled_at,
  v.ended_at,
  coalesce(nullif(trim(v.cancellation_details_feedback), ''),
    nullif(trim(v.cancellation_details_reason), '')) as churn_reason
from valued_subscription as v
