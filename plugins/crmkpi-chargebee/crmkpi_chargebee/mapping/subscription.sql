-- Monthly recurring revenue is Chargebee's own where it tells it, else that of the recurring items.
select
  v.id,
  v.created_at,
  v.updated_at,
  v.is_gone as is_deleted,
  v.customer_id as account_id,
  v.product_id,
  v.state as status,
  v.starts_at as start_date,
  case when v.has_contract then coalesce(v.contract_start, v.current_term_start)
    else v.current_term_start end as current_term_start,
  case when v.has_contract then coalesce(v.contract_end, v.current_term_end)
    else v.current_term_end end as current_term_end,
  case when v.whole_months * v.cycles <= 1200 then cast(v.whole_months * v.cycles as bigint) end
    as term_months,
  case v.whole_months when 1 then 'month' when 3 then 'quarter' when 12 then 'year' end
    as billing_interval,
  v.seats as quantity,
  v.mrr_now as mrr,
  nullif(v.money, '') as currency,
  v.cancelled_at is null and not coalesce(v.given in ('cancelled', 'non_renewing'), false)
    and not (v.has_contract and coalesce(lower(trim(v.contract_action)) = 'cancel', false))
    as auto_renew,
  v.cancel_schedule_created_at as notice_given_at,
  case when v.given = 'cancelled' then v.cancelled_at end as cancelled_at,
  case when v.given = 'cancelled' then v.cancelled_at end as ended_at,
  coalesce(nullif(trim(v.cancel_reason_code), ''), nullif(trim(v.cancel_reason), ''))
    as churn_reason
from valued_subscription as v
