-- The email address of a contact, lead or user: the primary one, else the first linked.
with ranked as (
  select
    r.entity_id, lower(trim(r.entity_type)) as kind, a.name as address, a.opt_out, a.invalid,
    row_number() over (
      partition by r.entity_id, lower(trim(r.entity_type))
      order by case when r.is_primary then 0 else 1 end, r.id, a.id
    ) as place
  from entity_email_address as r
  inner join email_address as a on a.id = r.email_address_id and not coalesce(a.deleted, false)
  where not coalesce(r.deleted, false)
)
select entity_id, kind, address, opt_out, invalid from ranked where place = 1
