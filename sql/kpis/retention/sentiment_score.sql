/*---
label: Customer sentiment
question: In what mood do customers write to us?
definition: "Mean sentiment, from -1 (bad) to 1 (good), of what customers wrote: tickets, survey comments, and activities that came in (emails, chats). Each message was rated when it was loaded."
unit: score -1..1
good: up
kind: quality
signal: leading
use: operating
journey: retention
time: message_date
over_time: ratio
owner: cs_manager
refresh: daily
review: weekly customer success review
thresholds: {warn: 0.1, act: -0.05}
action: Read the ten most negative messages of the week and call their senders. Bring the cause that most of them share to the review.
needs: [survey_response.sentiment | ticket.sentiment | activity.sentiment]
examples:
  - rows: [{sentiment: 0.8}, {sentiment: -0.2}, {sentiment: 0.0}]
    value: 0.2
  # a message in a language that is not rated
  - rows: [{sentiment: 0.5}, {sentiment: null}]
    value: 0.5
  - rows: [{sentiment: null}]
    value: null
edge_cases:
  - "a message without text, or in a language that is not rated, has no sentiment: it is in neither side, never neutral"
  - "crmkpi load --sentiment rates English only"
  - values outside of -1 to 1 are faults of the data and are left out
  - what we wrote ourselves, cancelled activities, and deleted and merged tickets are out
  - every message counts the same, so a customer who writes often counts often
  - a ticket and an email of that ticket are two messages
---*/
select 1.0 * sum(sentiment) / nullif(count(sentiment), 0)
from customer_messages
