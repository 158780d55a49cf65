-- A partner is an account when it is a company, or a person of no company that buys. The own
-- companies of the database are none.
with buyers as (
  select partner_id from crm_lead where lower(type) = 'opportunity'
  union
  select partner_id from sale_order
  union
  select partner_id from account_move where lower(move_type) in ('out_invoice', 'out_refund')
),
buying_accounts as (
  select distinct coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id
  from buyers as b
  inner join res_partner as p on p.id = b.partner_id
),
wins as (
  select
    coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
    min(coalesce(l.date_closed, l.date_last_stage_update)) as first_won
  from crm_lead as l
  inner join crm_stage as s on s.id = l.stage_id
  inner join res_partner as p on p.id = l.partner_id
  where lower(l.type) = 'opportunity' and s.is_won
  group by coalesce(p.commercial_partner_id, p.parent_id, p.id)
)
select
  p.id,
  p.create_date as created_at,
  p.write_date as updated_at,
  not coalesce(p.active, true) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  case when p.is_company then p.parent_id end as parent_account_id,
  p.user_id as owner_id,
  case when p.customer_rank > 0 or w.first_won is not null then 'customer' end as account_type,
  nullif(trim(i.label), '') as industry,
  upper(nullif(trim(c.code), '')) as country_code,
  nullif(trim(p.city), '') as city,
  crm_domain(p.website) as website_domain,
  w.first_won as customer_since
from res_partner as p
left join res_partner_industry as i on i.id = p.industry_id
left join res_country as c on c.id = p.country_id
left join wins as w on w.account_id = p.id
left join buying_accounts as b on b.account_id = p.id
where p.id is not null
  and (
    coalesce(p.is_company, false)
    or b.account_id is not null
  )
  and not exists (select 1 from res_company as o where o.partner_id = p.id)
