/*---
label: Ticket conversations
grain: one row per ticket with at least one event
key: [ticket_id]
time: first_reply_date
needs: [ticket, ticket_event]
opens: {ticket_id: ticket}
columns: {first_reply_date: First reply, replies: Replies, reopens: Reopened}
questions: ["How many replies did a ticket take, and when was the first?"]
---*/
-- A reply of the system is no reply, nor is the message that opens a ticket.
with said as (
  select
    e.id, e.ticket_id, e.event_type, e.occurred_date, e.occurred_minute, e.occurred_epoch,
    case
      when e.event_type = 'public_reply' and e.actor_type = 'agent'
        and e.occurred_epoch > coalesce(t.created_epoch, 0)
        then 1
      else 0
    end as is_reply,
    case
      when e.event_type = 'status' and lower(e.old_value) in ('solved', 'closed')
        and lower(e.new_value) in ('new', 'open', 'pending', 'on_hold')
        then 1
      else 0
    end as is_reopen
  from ticket_event as e
  inner join ticket as t on t.id = e.ticket_id
),
first_replies as (
  select
    ticket_id, occurred_date, occurred_minute, occurred_epoch,
    row_number() over (partition by ticket_id order by occurred_epoch, id) as reply_no
  from said
  where is_reply = 1
),
totals as (
  select
    ticket_id, sum(is_reply) as replies, sum(is_reopen) as reopens,
    max(case when event_type like '%reply' or event_type = 'private_note' then 1 else 0 end)
      as is_known
  from said
  group by ticket_id
)
select
  c.ticket_id,
  c.is_known,
  c.replies,
  c.reopens,
  f.occurred_date as first_reply_date,
  f.occurred_minute as first_reply_minute,
  f.occurred_epoch as first_reply_epoch
from totals as c
left join first_replies as f on f.ticket_id = c.ticket_id and f.reply_no = 1
