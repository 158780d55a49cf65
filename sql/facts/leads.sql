/*---
label: Leads
grain: one row per lead
time: created_date
needs: [lead]
opens: {lead_id: lead}
dimensions: {owner: Owner, team: Team, lead_source: Lead source, campaign: Campaign, channel: Channel, industry: Industry, country: Country, status: Status, maturity: Cohort}
columns: {lead_name: Lead, company: Company, created_date: Created, mql_date: Qualified on, sql_date: Accepted by sales on, lead_score: Lead score, response_hours: Hours to response, hours_overdue: Hours overdue, days_since_created: Age in days, won_amount: Won amount, next_action: Next action}
personal: {lead_name: lead_id}
measures:
  waiting_qualified_leads: {label: Qualified leads not yet answered, unit: count, sql: "case when count(*) > 0 then sum(is_waiting * is_qualified) else 0 end"}
  overdue_leads: {label: Leads that wait too long, unit: count, sql: "case when count(*) > 0 then sum(is_overdue) else 0 end"}
settings:
  maturity_days: {default: 90, about: days after its creation in which a lead is still maturing}
questions:
  - "Which sources bring customers?"
  - "Which leads wait for an answer?"
---*/
-- A stage that was skipped counts as passed: a lead with an opportunity has been MQL and SQL.
with sold as (
  select
    k.lead_id,
    max(case when o.status = 'won' then 1 else 0 end) as has_won,
    min(o.created_date) as opportunity_date,
    sum(case when o.status = 'won' and k.place = 1 then o.amount_base end) as won_amount
  from lead_opportunities as k
  inner join opportunity as o on o.id = k.opportunity_id
  group by k.lead_id
),
outcomes as (
  select
    l.id as lead_id,
    case when s.lead_id is null then 0 else 1 end as is_opportunity,
    -- the account of a lead that was a customer already did not become one by it
    case
      when s.has_won = 1 then 1
      when a.customer_since < l.created_date then 0
      when a.customer_since is not null or a.account_type in ('customer', 'former_customer') then 1
      else 0
    end as is_customer,
    s.won_amount,
    s.opportunity_date
  from lead as l
  left join sold as s on s.lead_id = l.id
  left join account as a on a.id = l.converted_account_id
),
accepted as (
  select
    l.id as lead_id,
    case
      when l.sql_date is not null then l.sql_date
      when l.status = 'converted' or o.is_opportunity = 1 or o.is_customer = 1
        then coalesce(l.converted_date, o.opportunity_date, l.mql_date, l.created_date)
    end as reached_sql_date
  from lead as l
  inner join outcomes as o on o.lead_id = l.id
),
staged as (
  select
    l.id as lead_id,
    l.lead_score,
    o.is_customer,
    s.reached_sql_date,
    coalesce(
      l.mql_date, s.reached_sql_date, case when l.status = 'qualified' then l.created_date end
    ) as reached_mql_date,
    c.days_ago,
    case when c.days_ago >= $maturity_days then 1 else 0 end as is_closed_cohort
  from lead as l
  inner join outcomes as o on o.lead_id = l.id
  inner join accepted as s on s.lead_id = l.id
  left join calendar as c on c.date_day = l.created_date
),
scores as (
  select lead_score, sum(1 - is_customer) as lost_leads
  from staged
  where is_closed_cohort = 1 and lead_score is not null
  group by lead_score
),
score_scale as (
  select
    lead_score,
    (sum(lost_leads) over (order by lead_score) - 0.5 * lost_leads)
      / nullif(sum(lost_leads) over (), 0) as share_below
  from scores
)
select
  l.id as lead_id,
  coalesce(
    l.first_name || ' ' || l.last_name, l.last_name, l.first_name, l.company_name, l.email, '(none)'
  ) as lead_name,
  coalesce(l.company_name, '(none)') as company,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  coalesce(l.lead_source, '(none)') as lead_source,
  l.campaign_id as campaign_id,
  coalesce(m.name, '(none)') as campaign,
  coalesce(m.channel, '(none)') as channel,
  coalesce(l.industry, '(none)') as industry,
  coalesce(l.country_code, '(none)') as country,
  coalesce(l.status, '(none)') as status,
  case
    when s.days_ago is null then '(unknown)' when s.is_closed_cohort = 1 then 'mature'
    else 'maturing'
  end as maturity,
  l.created_date as created_date,
  s.reached_mql_date as mql_date,
  s.reached_sql_date as sql_date,
  r.response_date as response_date,
  s.days_ago as days_since_created,
  1 as is_lead,
  case when s.reached_mql_date is null then 0 else 1 end as is_qualified,
  case when s.reached_sql_date is null then 0 else 1 end as is_sql,
  case when s.reached_sql_date >= s.reached_mql_date then 1 else 0 end as is_mql_to_sql,
  o.is_opportunity as is_opportunity,
  o.is_customer as is_customer,
  1 - s.is_closed_cohort as is_maturing,
  o.won_amount as won_amount,
  l.lead_score as lead_score,
  case when s.is_closed_cohort = 1 and l.lead_score is not null then o.is_customer else 0 end
    as is_scored_customer,
  case when s.is_closed_cohort = 1 and l.lead_score is not null then 1 - o.is_customer else 0 end
    as is_scored_lost,
  case when s.is_closed_cohort = 1 and o.is_customer = 1 then p.share_below end as score_wins,
  r.is_answered as is_answered,
  r.is_response_fault as is_response_fault,
  r.response_minutes / 60.0 as response_hours,
  r.is_sla_due as is_sla_due,
  r.is_sla_met as is_sla_met,
  case when l.status in ('open', 'working', 'qualified') then 1 - r.is_answered else 0 * r.is_answered end
    as is_waiting,
  case when l.status in ('open', 'working', 'qualified') then r.is_sla_overdue else 0 * r.is_sla_overdue end
    as is_overdue,
  r.hours_overdue as hours_overdue,
  case
    when l.status = 'disqualified' or o.is_opportunity = 1 then 'None'
    when r.is_sla_overdue = 1 then 'Answer now: the response SLA is missed'
    when r.is_answered = 0 and s.reached_mql_date is not null then 'Answer today: qualified'
    when r.is_answered = 0 then 'Make the first contact'
    when s.reached_mql_date is not null then 'Open an opportunity or disqualify'
    else 'Qualify or disqualify'
  end as next_action
from lead as l
inner join outcomes as o on o.lead_id = l.id
inner join staged as s on s.lead_id = l.id
inner join lead_responses as r on r.lead_id = l.id
left join score_scale as p on p.lead_score = l.lead_score
left join campaign as m on m.id = l.campaign_id
left join "user" as u on u.id = l.owner_id
left join team as t on t.id = u.team_id
