/*---
label: Customer messages
grain: one row per message of a customer whose sentiment is known
time: message_date
needs: []
dimensions: {message_kind: Message, channel: Channel, tone: Tone, account_name: Account, segment: Segment, region: Region, industry: Industry, owner: Owner, team: Team}
columns: {message_date: Date, message: Message text, sentiment: Sentiment}
personal: {message: message_id}
measures:
  rated_messages: {label: Messages, unit: count, sql: count(sentiment)}
  negative_share: {label: Negative messages, unit: percent, sql: "1.0 * sum(is_negative) / nullif(count(sentiment), 0)"}
settings:
  neutral_sentiment: {default: 0.05, about: sentiment from which a message is positive (and below whose negative it is negative)}
questions: ["In what mood do customers write to us?", "Whom should we call today?"]
---*/
-- Sentiment is computed when data is loaded (`crmkpi load --sentiment`) or by the vendor. Values
-- outside of -1 to 1 are no sentiment. Of activities only what came in is the customer's own.
with messages as (
  select
    t.id as message_id,
    'ticket' as message_kind,
    coalesce(t.channel, '(none)') as channel,
    t.subject as message,
    t.created_date as message_date,
    t.sentiment,
    coalesce(t.account_id, c.account_id) as account_id,
    t.owner_id,
    t.team_id
  from ticket as t
  left join contact as c on c.id = t.contact_id
  where t.status <> 'merged'
  union all
  select
    s.id as message_id,
    'survey' as message_kind,
    coalesce(t.channel, '(none)') as channel,
    s.comment as message,
    coalesce(s.responded_date, s.sent_date, s.created_date) as message_date,
    s.sentiment,
    coalesce(s.account_id, t.account_id, c.account_id) as account_id,
    coalesce(s.agent_id, t.owner_id) as owner_id,
    t.team_id
  from survey_response as s
  left join ticket as t on t.id = s.ticket_id
  left join contact as c on c.id = s.contact_id
  union all
  select
    a.id as message_id,
    a.activity_type as message_kind,
    a.activity_type as channel,
    a.subject as message,
    coalesce(a.occurred_date, a.completed_date, a.created_date) as message_date,
    a.sentiment,
    coalesce(a.account_id, o.account_id, t.account_id, c.account_id) as account_id,
    a.owner_id,
    t.team_id
  from activity as a
  left join opportunity as o on o.id = a.opportunity_id
  left join ticket as t on t.id = a.ticket_id
  left join contact as c on c.id = a.contact_id
  where a.direction = 'inbound' and a.status <> 'cancelled'
)
select
  m.message_id,
  m.message_kind,
  m.channel,
  coalesce(m.message, '(no text)') as message,
  m.message_date,
  m.sentiment,
  case
    when m.sentiment >= $neutral_sentiment then 'positive'
    when m.sentiment <= -1 * $neutral_sentiment then 'negative'
    else 'neutral'
  end as tone,
  case when m.sentiment <= -1 * $neutral_sentiment then 1 else 0 end as is_negative,
  coalesce(a.name, '(none)') as account_name,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.region, '(none)') as region,
  coalesce(a.industry, '(none)') as industry,
  coalesce(u.name, '(none)') as owner,
  coalesce(g.name, '(none)') as team
from messages as m
left join account as a on a.id = m.account_id
left join "user" as u on u.id = m.owner_id
left join team as g on g.id = coalesce(m.team_id, u.team_id)
where m.sentiment between -1 and 1
