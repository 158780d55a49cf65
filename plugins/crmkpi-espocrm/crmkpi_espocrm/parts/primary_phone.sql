-- The phone number of a contact, lead or user: the primary one, else the first linked.
with ranked as (
  select
    r.entity_id, lower(trim(r.entity_type)) as kind, a.name as phone,
    row_number() over (
      partition by r.entity_id, lower(trim(r.entity_type))
      order by case when r.is_primary then 0 else 1 end, r.id, a.id
    ) as place
  from entity_phone_number as r
  inner join phone_number as a on a.id = r.phone_number_id and not coalesce(a.deleted, false)
  where not coalesce(r.deleted, false)
)
select entity_id, kind, phone from ranked where place = 1
