/*---
label: Survey responses
grain: one row per survey sent or answered
records: {survey_id: survey_response}
time: survey_date
needs: [survey_response]
dimensions: {survey_type: Survey, answer_group: Answer, account_name: Account, segment: Segment, region: Region, industry: Industry, owner: Agent, team: Team, channel: Ticket channel, category: Ticket category, priority: Ticket priority}
columns: {survey_date: Date, score: Score, scale_max: Highest score, comment: Comment, ticket_number: Ticket, contact_name: Contact}
personal: {comment: survey_id, contact_name: survey_id}
settings:
  survey_period: {default: quarter, about: 'period (month, quarter or year) in which only the last NPS answer of a respondent counts'}
  ces_high_means: {default: effort, about: 'what a high customer effort score means: effort, or ease (then the scale is turned round)'}
questions:
  - "Are customers satisfied?"
  - "Would they recommend us?"
  - "How many answered?"
---*/
-- Boxes: two points make one top box; up to eleven points, the upper two; finer scales (0 to 100)
-- are cut in five equal boxes. A score outside its scale is no answer. Without a score the
-- vendor's own category stands.
with answers as (
  select
    s.*,
    case
      when s.responded_epoch is null then 0
      when s.score >= s.scale_min and s.score <= s.scale_max then 1
      when s.score is null and s.category is not null then 1
      else 0
    end as is_answered,
    case
      when $survey_period = 'month' then c.month_no
      when $survey_period = 'year' then c.year_no
      else c.quarter_no
    end as period_no
  from survey_response as s
  left join calendar as c on c.date_day = s.responded_date
),
ranked as (
  select
    a.*,
    row_number() over (
      partition by a.survey_type, coalesce(a.contact_id, a.id), a.period_no, a.is_answered
      order by coalesce(a.responded_epoch, 0) desc, a.id desc
    ) as place
  from answers as a
),
judged as (
  select
    r.*,
    case when r.survey_type = 'csat' and r.is_answered = 1 then 1 else 0 end as is_csat_answer,
    case
      when r.score is null then case when r.category = 'satisfied' then 1 else 0 end
      when r.scale_max - r.scale_min <= 1 then case when r.score >= r.scale_max then 1 else 0 end
      when r.scale_max - r.scale_min <= 10 then case when r.score > r.scale_max - 2 then 1 else 0 end
      when r.score >= r.scale_min + 0.6 * (r.scale_max - r.scale_min) then 1
      else 0
    end as is_top,
    case when r.survey_type = 'nps' and r.is_answered = 1 and r.place = 1 then 1 else 0 end
      as is_nps_answer,
    case
      when r.score is not null and r.scale_max = 10
        then case when r.score >= 9 then 'promoter' when r.score > 6 then 'passive' else 'detractor' end
      else lower(r.category)
    end as nps_group
  from ranked as r
)
select
  j.id as survey_id,
  j.survey_type,
  coalesce(j.responded_date, j.sent_date, j.created_date) as survey_date,
  j.sent_date,
  j.responded_date,
  j.score,
  j.scale_min,
  j.scale_max,
  j.comment,
  case
    when j.is_answered = 0 then '(none)'
    when j.survey_type = 'nps' then coalesce(j.nps_group, '(none)')
    when j.survey_type = 'csat' then
      case when j.is_top = 1 then 'satisfied' else 'not satisfied' end
    else coalesce(j.category, '(none)')
  end as answer_group,
  coalesce(a.name, '(none)') as account_name,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.region, '(none)') as region,
  coalesce(a.industry, '(none)') as industry,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(t.channel, '(none)') as channel,
  coalesce(t.category, '(none)') as category,
  coalesce(t.priority, '(none)') as priority,
  t.number as ticket_number,
  coalesce(c.first_name || ' ' || c.last_name, c.last_name, c.first_name, c.email) as contact_name,
  j.is_answered,
  case when j.sent_epoch is not null then 1 else 0 end as is_sent,
  case when j.sent_epoch is not null and j.is_answered = 1 then 1 else 0 end as is_sent_answered,
  j.is_csat_answer,
  case when j.is_csat_answer = 1 and j.is_top = 1 then 1 else 0 end as is_satisfied,
  case when j.nps_group in ('promoter', 'passive', 'detractor') then j.is_nps_answer else 0 end
    as is_nps_answer,
  case when j.nps_group = 'promoter' then j.is_nps_answer else 0 end as is_promoter,
  case when j.nps_group = 'detractor' then j.is_nps_answer else 0 end as is_detractor,
  case
    when j.survey_type <> 'ces' or j.is_answered = 0 then null
    when $ces_high_means = 'ease' then j.scale_min + j.scale_max - j.score
    else j.score
  end as effort
from judged as j
left join ticket as t on t.id = j.ticket_id
left join account as a on a.id = coalesce(j.account_id, t.account_id)
left join contact as c on c.id = j.contact_id
left join "user" as u on u.id = coalesce(j.agent_id, t.owner_id)
left join team as m on m.id = coalesce(u.team_id, t.team_id)
