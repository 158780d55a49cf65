-- The contact of an email address: of several the newest. The address of a contact that was merged
-- away is one of its survivor.
with addresses as (
  select
    lower(trim(c.email)) as address,
    coalesce(m.survivor_id, c.id) as contact_id,
    row_number() over (
      partition by lower(trim(c.email))
      order by case when m.id is null then 0 else 1 end, c.createdate desc, c.id
    ) as place
  from contact as c
  left join merged_contact as m on m.id = c.id and m.survivor_id is not null
  where trim(c.email) <> '' and not coalesce(c.is_deleted, false)
    and not coalesce(c._fivetran_deleted, false)
)
select address, contact_id from addresses where place = 1
