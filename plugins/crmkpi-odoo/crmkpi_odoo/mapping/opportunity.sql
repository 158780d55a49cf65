-- Won is the flag of the stage, archived or not. Lost is archived with probability 0 or a reason.
-- What is archived otherwise is gone. Amounts are in the currency of the own company.
with deals as (
  select
    l.*,
    coalesce(nullif(trim(l.team_id), ''), '(none)') as pipeline_id,
    case
      when coalesce(s.is_won, false) then 'won'
      when not coalesce(l.active, true)
        and (coalesce(l.probability, 1) = 0 or nullif(trim(l.lost_reason_id), '') is not null)
        then 'lost'
      else 'open'
    end as outcome
  from crm_lead as l
  left join crm_stage as s on s.id = l.stage_id
  where l.id is not null and lower(trim(l.type)) = 'opportunity'
),
planned as (
  select res_id, min(date_deadline) as next_date
  from mail_activity
  where lower(res_model) = 'crm.lead' and coalesce(active, true)
  group by res_id
)
select
  d.id,
  d.create_date as created_at,
  d.write_date as updated_at,
  not coalesce(d.active, true) and d.outcome = 'open' as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  case when not coalesce(p.is_company, false) then p.id end as primary_contact_id,
  d.user_id as owner_id,
  d.pipeline_id,
  case
    when d.outcome = 'lost' then d.pipeline_id || '/lost'
    else d.pipeline_id || '/' || coalesce(nullif(trim(d.stage_id), ''), '(none)')
  end as stage_id,
  d.outcome as status,
  d.expected_revenue as amount,
  upper(nullif(trim(y.name), '')) as currency,
  d.recurring_revenue_monthly * 12 as arr_amount,
  case
    when d.outcome = 'won' then 1.0
    when d.outcome = 'lost' then 0.0
    when d.probability between 0 and 100 then d.probability / 100.0
  end as probability,
  d.date_deadline as expected_close_date,
  case
    when d.outcome = 'won' then coalesce(d.date_closed, d.date_last_stage_update)
    when d.outcome = 'lost' then d.date_closed
  end as closed_at,
  case when d.outcome = 'lost' then d.date_closed
    else coalesce(d.date_last_stage_update, d.create_date) end as stage_entered_at,
  nullif(trim(u.name), '') as lead_source,
  d.campaign_id,
  case when d.date_conversion is not null then d.id end as source_lead_id,
  case when d.outcome = 'lost' then nullif(trim(r.label), '') end as loss_reason,
  a.next_date as next_activity_at
from deals as d
left join res_partner as p on p.id = d.partner_id
left join res_company as o on o.id = d.company_id
left join res_currency as y on y.id = o.currency_id
left join utm_source as u on u.id = d.source_id
left join crm_lost_reason as r on r.id = d.lost_reason_id
left join planned as a on a.res_id = d.id
