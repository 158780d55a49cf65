-- Amounts are signed (credit notes below zero) and in the currency of the own company. An invoice
-- that was reversed is settled: its credit note stands for itself.
select
  i.id,
  i.create_date as created_at,
  i.write_date as updated_at,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  case lower(i.move_type) when 'out_refund' then 'credit_note' else 'invoice' end as document_type,
  coalesce(i.invoice_date, cast(i.create_date as date)) as issued_date,
  i.invoice_date_due as due_date,
  case
    when lower(i.state) = 'draft' then 'draft'
    when lower(i.state) = 'cancel' then 'void'
    when lower(i.payment_state) in ('paid', 'in_payment', 'reversed') then 'paid'
    else 'open'
  end as status,
  i.amount_total_signed as total_amount,
  i.amount_residual_signed as amount_due,
  upper(nullif(trim(y.name), '')) as currency
from account_move as i
inner join res_partner as p on p.id = i.partner_id
left join res_company as o on o.id = i.company_id
left join res_currency as y on y.id = o.currency_id
where i.id is not null and lower(i.move_type) in ('out_invoice', 'out_refund')
  and i.amount_total_signed is not null and coalesce(i.invoice_date, i.create_date) is not null
