/*---
label: Lead predictions
grain: one row per lead
time: created_date
needs: [lead]
opens: {lead_id: lead}
dimensions: {owner: Owner, team: Team, lead_source: Lead source, campaign: Campaign, channel: Channel, industry: Industry, country: Country, status: Status, outcome: Outcome, basis: Rate of, calibration_band: Predicted, method: Method}
columns: {lead_name: Lead, company: Company, created_date: Created, predicted_score: Predicted score, predicted_rate: Probability, cases: Past leads behind it, reasons: Reasons, next_action: Next action}
personal: {lead_name: lead_id}
measures:
  predicted_mean: {label: Predicted for decided leads, unit: percent, sql: "1.0 * sum(tested_rate) / nullif(sum(is_tested), 0)"}
  actual_rate: {label: Became customers, unit: percent, sql: "1.0 * sum(tested_wins) / nullif(sum(is_tested), 0)"}
  tested_leads: {label: Decided leads with a prediction, unit: count, sql: "coalesce(sum(is_tested), 0)"}
  unpredicted_leads: {label: Open leads with too little history, unit: count, sql: "coalesce(sum(is_open) - sum(is_open_rated), 0)"}
  expected_customers: {label: Expected customers of the open leads, unit: number, sql: sum(open_score) / 100.0}
  predicted_auc: {label: Pairs in the right order, unit: ratio, sql: "case when sum(is_tested) > sum(tested_wins) then 1.0 * sum(ranked_wins) / nullif(sum(tested_wins), 0) end"}
settings:
  lead_min_cases: {default: 30, about: 'decided leads of a kind from which their conversion rate is a prediction, at least 1'}
questions: ["Which open leads are worth a call first, and why?", "Do leads convert as predicted?"]
---*/
-- The rate of leads alike that are older than maturity_days: of the same source, industry and
-- country, else of source and industry, else of the source. A past lead is left out of its own rate.
with cohorts as (
  select
    l.lead_id, l.lead_source, l.industry, l.country, l.is_customer,
    case when l.maturity = 'mature' then 1 else 0 end as is_history,
    case when l.maturity = 'mature' then l.is_customer else 0 end as is_history_win,
    case
      when l.maturity = 'mature' or l.is_customer = 1 or l.status = 'disqualified' then 0 else 1
    end as is_open
  from leads as l
),
counted as (
  select
    c.*,
    sum(c.is_history) over (partition by c.lead_source) - c.is_history as source_cases,
    sum(c.is_history_win) over (partition by c.lead_source) - c.is_history_win as source_wins,
    sum(c.is_history) over (partition by c.lead_source, c.industry) - c.is_history
      as industry_cases,
    sum(c.is_history_win) over (partition by c.lead_source, c.industry) - c.is_history_win
      as industry_wins,
    sum(c.is_history) over (partition by c.lead_source, c.industry, c.country) - c.is_history
      as country_cases,
    sum(c.is_history_win) over (partition by c.lead_source, c.industry, c.country)
      - c.is_history_win as country_wins
  from cohorts as c
),
leveled as (
  select
    d.*,
    case
      when d.country_cases >= $lead_min_cases then 3
      when d.industry_cases >= $lead_min_cases then 2
      when d.source_cases >= $lead_min_cases then 1
      else 0
    end as depth
  from counted as d
),
chosen as (
  select
    e.*,
    case e.depth
      when 3 then e.country_cases when 2 then e.industry_cases when 1 then e.source_cases
    end as cases,
    case e.depth
      when 3 then e.country_wins when 2 then e.industry_wins when 1 then e.source_wins
    end as wins
  from leveled as e
),
-- Without itself a customer has a lower rate than a lost lead of its kind. That tells nothing of the
-- prediction, so leads of one kind share a band, and a pair of them counts half in the AUC.
rated as (
  select
    f.*,
    cast(f.wins as double) / nullif(f.cases, 0) as predicted_rate,
    cast(f.wins + f.is_history_win as double) / nullif(f.cases + f.is_history, 0) as kind_rate,
    case when f.is_history = 1 and f.cases > 0 then 1 else 0 end as is_tested,
    case when f.is_history = 1 and f.cases > 0 then 1 - f.is_customer else 0 end as is_tested_lost
  from chosen as f
),
scores as (
  select predicted_rate, sum(is_tested_lost) as lost_leads
  from rated where is_tested = 1 group by predicted_rate
),
score_scale as (
  select
    predicted_rate,
    sum(lost_leads) over (order by predicted_rate) - 0.5 * lost_leads as lost_below,
    sum(lost_leads) over () as all_lost
  from scores
),
kinds as (
  select
    g.*,
    sum(g.is_tested_lost) over (
      partition by g.depth, g.lead_source, case when g.depth > 1 then g.industry else '' end,
        case when g.depth > 2 then g.country else '' end
    ) as kind_lost
  from rated as g
)
select
  k.lead_id, l.lead_name, l.company, l.owner, l.team, l.lead_source, l.campaign, l.channel,
  l.industry, l.country, l.status, l.created_date,
  'rate of leads alike' as method,
  case
    when k.is_open = 1 then 'open' when k.is_customer = 1 then 'customer' else 'no customer'
  end as outcome,
  case k.depth
    when 3 then 'source, industry and country' when 2 then 'source and industry'
    when 1 then 'source' else '(none)'
  end as basis,
  k.predicted_rate,
  100 * k.predicted_rate as predicted_score,
  k.cases,
  case
    when k.depth = 0 then 'too little history'
    else crm_say(
        'source {1} {2} % of {3}', k.lead_source,
        cast(cast(floor(100.0 * k.source_wins / nullif(k.source_cases, 0) + 0.5) as int) as varchar),
        cast(k.source_cases as varchar)
      )
      || case when k.depth > 1 then '; ' || crm_say(
        'industry {1} {2} % of {3}', k.industry,
        cast(cast(floor(100.0 * k.industry_wins / nullif(k.industry_cases, 0) + 0.5) as int) as varchar),
        cast(k.industry_cases as varchar)
      ) else '' end
      || case when k.depth > 2 then '; ' || crm_say(
        'country {1} {2} % of {3}', k.country,
        cast(cast(floor(100.0 * k.country_wins / nullif(k.country_cases, 0) + 0.5) as int) as varchar),
        cast(k.country_cases as varchar)
      ) else '' end
  end as reasons,
  case
    when k.kind_rate is null then '(none)' when k.kind_rate < 0.1 then '00-10 %'
    when k.kind_rate >= 0.9 then '90-100 %'
    else cast(10 * cast(floor(10 * k.kind_rate) as int) as varchar) || '-'
      || cast(10 * cast(floor(10 * k.kind_rate) as int) + 10 as varchar) || ' %'
  end as calibration_band,
  k.is_open, k.is_history,
  case when k.is_open = 1 and k.predicted_rate is not null then 1 else 0 end as is_open_rated,
  case when k.is_open = 1 then 100 * k.predicted_rate end as open_score,
  k.is_tested,
  case when k.is_tested = 1 then k.predicted_rate end as tested_rate,
  k.is_tested * k.is_customer as tested_wins,
  case
    when k.is_tested * k.is_customer = 1
      then 1.0 * (s.lost_below + 0.5 * k.kind_lost) / nullif(s.all_lost, 0)
  end as ranked_wins,
  l.next_action
from kinds as k
inner join leads as l on l.lead_id = k.lead_id
left join score_scale as s on s.predicted_rate = k.predicted_rate
