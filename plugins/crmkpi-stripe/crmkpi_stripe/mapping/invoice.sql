-- Invoices, and credit notes as negative amounts. What is due is what remains to be paid.
with documents as (
  select
    i.id, i.created, i.updated, i.customer_id, i.subscription_id, 'invoice' as document_type,
    coalesce(i.status_transitions_finalized_at, i.created) as issued_at, i.due_date,
    i.status_transitions_paid_at as paid_at, i.status, i.total as total_minor,
    i.amount_remaining as due_minor, upper(trim(i.currency)) as currency,
    coalesce(i.is_deleted, false) or not coalesce(i.livemode, true) as is_deleted
  from invoice as i
  union all
  select
    c.id, c.created, c.updated, coalesce(c.customer_id, i.customer_id) as customer_id,
    i.subscription_id, 'credit_note' as document_type, c.created as issued_at,
    cast(null as timestamp) as due_date, cast(null as timestamp) as paid_at,
    c.status, -c.total as total_minor, 0.0 as due_minor, upper(trim(c.currency)) as currency,
    not coalesce(c.livemode, true) as is_deleted
  from credit_note as c
  left join invoice as i on i.id = c.invoice_id
),
measured as (
  select
    d.*,
    case
      when d.currency in (
        'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF',
        'XOF', 'XPF'
      ) then 1.0
      when d.currency in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000.0
      else 100.0
    end as minor_units
  from documents as d
)
select
  m.id,
  m.created as created_at,
  m.updated as updated_at,
  m.is_deleted,
  m.customer_id as account_id,
  m.subscription_id,
  m.document_type,
  m.issued_at as issued_date,
  m.due_date,
  m.paid_at,
  m.status,
  m.total_minor / m.minor_units as total_amount,
  case when lower(trim(m.status)) in ('paid', 'void') then 0.0 else m.due_minor / m.minor_units end
    as amount_due,
  nullif(m.currency, '') as currency
from measured as m
where m.id is not null and m.customer_id is not null and m.total_minor is not null
