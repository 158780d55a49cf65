-- The user behind each partner, of those who work here: of several the active one. Others with a login
-- (`share`) are customers on the portal.
select s.partner_id, s.id
from (
  select
    partner_id, id,
    row_number() over (
      partition by partner_id order by case when coalesce(active, true) then 0 else 1 end, length(id), id
    ) as place
  from res_users
  where nullif(trim(partner_id), '') is not null and not coalesce(share, false)
) as s
where s.place = 1
