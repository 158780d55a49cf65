/*---
label: People of the CRM
grain: one row per user
key: [user_id]
time: created_date
needs: [user]
questions: ["Which users are one person?"]
---*/
-- Two people may have one name, and one person may be a user of two systems: users with the same
-- e-mail address are one person.
select
  u.id as user_id,
  min(u.id) over (partition by coalesce(nullif(lower(trim(u.email)), ''), u.id)) as person_id,
  u.created_date
from "user" as u
