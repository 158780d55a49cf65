-- A contact belongs to the account it was first tied to.
with ties as (
  select
    t.contact_id, t.account_id, t.job_title,
    row_number() over (partition by t.contact_id order by t.created_timestamp, t.id) as place
  from account_contact_association as t
  inner join accounts as a on a.id = t.account_id
)
select
  c.id,
  c.cdate as created_at,
  c.udate as updated_at,
  coalesce(c.deleted, false) as is_deleted,
  t.account_id,
  nullif(trim(c.first_name), '') as first_name,
  nullif(trim(c.last_name), '') as last_name,
  nullif(lower(trim(c.email)), '') as email,
  nullif(trim(c.phone), '') as phone,
  nullif(trim(t.job_title), '') as job_title,
  c.bounced_hard > 0 as is_email_invalid
from contacts as c
left join ties as t on t.contact_id = c.id and t.place = 1
where c.id is not null
