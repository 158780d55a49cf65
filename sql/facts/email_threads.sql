/*---
label: Email threads
grain: one row per sales email thread that we wrote in
time: sent_date
needs: [activity]
dimensions: {state: State, owner: Owner, team: Team, related_to: Related to, account_name: Account, region: Region, segment: Segment, industry: Industry}
columns: {subject: Subject, sent_date: First sent, reply_date: First reply, emails_sent: Emails sent, reply_hours: Hours to reply, days_waiting: Days without reply, next_action: Next action}
personal: {subject: first_email_id}
measures:
  measured_threads: {label: Threads, unit: count, sql: sum(is_measured)}
  replied_threads: {label: Threads with a reply, unit: count, sql: sum(is_replied)}
  young_threads: {label: Still waiting, unit: count, sql: "sum(case when state = 'waiting' then 1 else 0 end)"}
  mean_reply_hours: {label: Hours to reply, unit: duration, sql: "1.0 * sum(reply_hours) / nullif(count(reply_hours), 0)"}
settings:
  email_reply_days: {default: 7, about: days in which a thread without a reply is still waiting and counts in neither side}
questions: ["Do people answer our emails?", "Which emails wait for an answer?"]
---*/
-- A thread: emails with one person (contact, else lead, else account) under one subject, whatever
-- re:, fw:, fwd: or aw: stand before it. It starts with our first email; a reply is a later email to us.
with mails as (
  select
    a.id,
    a.direction,
    a.status,
    a.owner_id,
    a.account_id,
    a.opportunity_id,
    a.lead_id,
    a.contact_id,
    coalesce(
      'contact ' || a.contact_id, 'lead ' || a.lead_id, 'account ' || a.account_id,
      '(nobody) ' || a.id
    ) as counterparty,
    case when coalesce(a.contact_id, a.lead_id, a.account_id) is null then 0 else 1 end as is_linked,
    coalesce(a.subject, '(no subject)') as subject,
    -- ':aw::re::offer': every word before a colon has two colons of its own; spaces do not matter
    ':' || replace(replace(lower(coalesce(a.subject, '')), ' ', ''), ':', '::') as marked_subject,
    coalesce(a.occurred_date, a.completed_date, a.created_date) as mail_date,
    coalesce(a.occurred_epoch, a.completed_epoch, a.created_epoch) as mail_epoch
  from activity as a
  where a.activity_type = 'email' and a.ticket_id is null
),
keyed as (
  select
    m.*,
    -- the prefixes as one sign each, of which those that lead the subject are taken off
    trim(leading '~' from replace(replace(replace(replace(
      m.marked_subject, ':re:', '~'), ':fw:', '~'), ':fwd:', '~'), ':aw:', '~'
    )) as subject_key
  from mails as m
  where m.mail_epoch is not null
),
sent as (
  select
    k.*,
    row_number() over (partition by k.counterparty, k.subject_key order by k.mail_epoch, k.id)
      as place,
    count(*) over (partition by k.counterparty, k.subject_key) as emails_sent
  from keyed as k
  where k.direction = 'outbound' and k.status = 'completed'
),
firsts as (
  select * from sent where place = 1
),
replies as (
  select
    f.id,
    r.mail_date as reply_date,
    r.mail_epoch as reply_epoch,
    row_number() over (partition by f.id order by r.mail_epoch, r.id) as place
  from firsts as f
  inner join keyed as r on r.counterparty = f.counterparty and r.subject_key = f.subject_key
  where r.direction = 'inbound' and r.status <> 'cancelled' and r.mail_epoch > f.mail_epoch
),
judged as (
  select
    f.*,
    r.reply_date,
    case when r.id is null then 0 else 1 end as is_replied,
    (r.reply_epoch - f.mail_epoch) / 3600.0 as reply_hours,
    c.days_ago,
    case
      when r.id is not null then 'replied'
      when f.is_linked = 0 then 'linked to nobody'
      when c.days_ago < $email_reply_days then 'waiting'
      else 'not replied'
    end as state
  from firsts as f
  left join replies as r on r.id = f.id and r.place = 1
  left join calendar as c on c.date_day = f.mail_date
)
select
  j.id as first_email_id,
  j.subject as subject,
  j.state as state,
  j.mail_date as sent_date,
  j.reply_date as reply_date,
  j.emails_sent as emails_sent,
  j.reply_hours as reply_hours,
  case when j.is_replied = 0 then j.days_ago end as days_waiting,
  j.is_replied as is_replied,
  case when j.state in ('replied', 'not replied') then 1 else 0 end as is_measured,
  case
    when j.opportunity_id is not null then 'opportunity'
    when j.lead_id is not null then 'lead'
    when j.is_linked = 1 then 'customer'
    else '(nothing)'
  end as related_to,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(a.name, '(none)') as account_name,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry,
  case
    when j.state = 'not replied' then 'Call, or write once more under a new subject'
    when j.state = 'linked to nobody' then 'Link the email to a contact or lead'
    else '(none)'
  end as next_action
from judged as j
left join "user" as u on u.id = j.owner_id
left join team as m on m.id = u.team_id
left join opportunity as o on o.id = j.opportunity_id
left join contact as k on k.id = j.contact_id
left join account as a on a.id = coalesce(j.account_id, o.account_id, k.account_id)
