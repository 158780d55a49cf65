-- Invoices without a total (an export may blank them) say nothing about money and are left out.
select
  invoice_id as id,
  created_time as created_at,
  modified_time as updated_at,
  account_id,
  potential_id as opportunity_id,
  'invoice' as document_type,
  coalesce(invoice_date, cast(created_time as date)) as issued_date,
  due_date,
  invoice_status as status,
  grand_total as total_amount,
  upper(nullif(trim(currency), '')) as currency
from invoices
where invoice_id is not null and account_id is not null and grand_total is not null
