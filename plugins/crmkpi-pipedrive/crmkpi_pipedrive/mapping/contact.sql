select
  p.id,
  p.add_time as created_at,
  p.update_time as updated_at,
  not coalesce(p.active_flag, true) or nullif(trim(p.delete_time), '') is not null as is_deleted,
  nullif(trim(p.org_id), '') as account_id,
  nullif(trim(p.first_name), '') as first_name,
  case
    when nullif(trim(p.first_name), '') is null and nullif(trim(p.last_name), '') is null
      then nullif(trim(p.name), '')
    else nullif(trim(p.last_name), '')
  end as last_name,
  e.address as email,
  h.number as phone,
  nullif(trim(p.owner_id), '') as owner_id
from persons as p
left join primary_email as e on e.row_key = p.row_key
left join primary_phone as h on h.row_key = p.row_key
where p.id is not null
