/*---
label: Purchases
grain: one row per purchase
time: purchase_date
needs: [account]
opens: {account_id: account}
dimensions: {account_name: Account, owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, purchase_kind: Kind}
columns: {purchase_date: Bought on, amount: Amount, purchase_no: Purchase of the customer}
questions: ["Do customers buy again?"]
---*/
-- Of each account the orders count; where it has none the invoices outside of subscriptions; where
-- it has none of these either, the deals won.
with candidates as (
  select
    id, account_id, issued_date as purchase_date, total_amount_base as amount,
    document_type as purchase_kind, case when document_type = 'order' then 1 else 2 end as choice
  from invoice
  where document_type in ('order', 'invoice')
    and subscription_id is null and status not in ('draft', 'void')
  union all
  select id, account_id, closed_date, amount_base, 'won deal', 3
  from opportunity
  where status = 'won' and account_id is not null and closed_date is not null
),
chosen as (
  select c.*, min(c.choice) over (partition by c.account_id) as best_choice
  from candidates as c
),
numbered as (
  select
    c.*,
    row_number() over (partition by c.account_id order by c.purchase_date, c.id) as purchase_no
  from chosen as c
  where c.choice = c.best_choice
)
select
  n.id as purchase_id, n.account_id, n.purchase_date, n.purchase_kind, n.amount, n.purchase_no,
  coalesce(a.name, '(unknown)') as account_name,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry
from numbered as n
left join account as a on a.id = n.account_id
left join "user" as u on u.id = a.owner_id
left join team as t on t.id = u.team_id
