-- Invoices, and credit notes as negative amounts. An invoice of several subscriptions names none;
-- its first line then tells one, so that it is not taken for a single purchase.
with documents as (
  select
    i.id, i.generated_at, i.issued_at, i.updated_at, i.deleted, i.customer_id,
    coalesce(i.subscription_id, i.line_subscription_id) as subscription_id,
    'invoice' as document_type, i.due_date, i.paid_at,
    i.status, i.total as total_minor, i.amount_due as due_minor,
    upper(trim(i.currency_code)) as currency
  from invoice as i
  union all
  select
    c.id, c.generated_at, c.issued_at, c.updated_at, c.deleted, c.customer_id, c.subscription_id,
    'credit_note' as document_type, cast(null as timestamp) as due_date, c.refunded_at as paid_at,
    c.status, -c.total as total_minor, 0.0 as due_minor, upper(trim(c.currency_code)) as currency
  from credit_note as c
  where not exists (select 1 from invoice as i where i.id = c.id)
),
measured as (
  select
    d.*,
    case
      when d.currency in (
        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV',
        'XAF', 'XOF', 'XPF'
      ) then 1.0
      else 100.0
    end as minor_units
  from documents as d
)
select
  m.id,
  coalesce(m.generated_at, m.issued_at) as created_at,
  m.updated_at,
  coalesce(m.deleted, false) as is_deleted,
  m.customer_id as account_id,
  m.subscription_id,
  m.document_type,
  coalesce(m.issued_at, m.generated_at) as issued_date,
  m.due_date,
  m.paid_at,
  m.status,
  m.total_minor / m.minor_units as total_amount,
  case
    when lower(trim(m.status)) in ('paid', 'voided') then 0.0
    else m.due_minor / m.minor_units
  end as amount_due,
  nullif(m.currency, '') as currency
from measured as m
where m.id is not null and m.customer_id is not null and m.total_minor is not null
