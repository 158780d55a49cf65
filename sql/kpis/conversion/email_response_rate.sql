/*---
label: Email response rate
question: Do people answer our emails?
definition: "Threads with a reply over threads sent, by the day of our first email. A thread is what we wrote to one contact (else lead, else account) under one subject; a reply is a later email from there. Threads without a reply that are younger than email_reply_days (7) are in neither side."
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: sale
time: sent_date
over_time: ratio
owner: sales_rep
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.2, act: 0.1}
action: Read the five first emails that were answered fastest and five that were not. Send the next ten in the words of the first.
needs: [activity, activity.direction, activity.subject]
calculator: {is_replied: replied, is_measured: threads}
examples:
  - given: {replied: 30, threads: 120}
    value: 0.25
  # replied, not replied, and too young to say
  - rows: [{is_replied: 1, is_measured: 1}, {is_replied: 0, is_measured: 1}, {is_replied: 0, is_measured: 0}]
    value: 0.5
  - given: {replied: 0, threads: 0}
    value: null
edge_cases:
  - "the model knows no thread: a reply under another subject, or from a colleague, is not seen"
  - "re:, fw:, fwd: and aw: before a subject are dropped, in any case and as often as they stand there; spaces do not matter"
  - automatic replies cannot be told from others and count as replies
  - several of our emails in a thread are one thread, and so are several replies
  - "a conversation that the customer began starts with our first email in it"
  - a reply counts however late it comes; an email at the same second as ours is none
  - emails that are linked to no contact, lead or account are in neither side
  - emails of support tickets and mailings of campaigns are out
---*/
select 1.0 * sum(is_replied) / nullif(sum(is_measured), 0)
from email_threads
