with money as (
  select id, min(upper(nullif(trim(iso4217), ''))) as iso_code from currencies group by id
)
select
  i.id,
  i.date_entered as created_at,
  i.date_modified as updated_at,
  coalesce(i.deleted, false) as is_deleted,
  i.billing_account_id as account_id,
  'invoice' as document_type,
  i.invoice_date as issued_date,
  i.due_date,
  nullif(trim(i.status), '') as status,
  i.total_amount,
  m.iso_code as currency
from aos_invoices as i
left join money as m on m.id = i.currency_id
where i.id is not null and nullif(trim(i.billing_account_id), '') is not null
  and i.invoice_date is not null and i.total_amount is not null
