with emails as (
  select
    row_key,
    lower(trim(address)) as address,
    row_number() over (
      partition by row_key
      order by case when is_primary then 0 else 1 end, coalesce(list_index, 0), lower(trim(address))
    ) as place
  from person_emails
  where nullif(trim(address), '') is not null
),
phones as (
  select
    row_key,
    trim(number) as number,
    row_number() over (
      partition by row_key
      order by case when is_primary then 0 else 1 end, coalesce(list_index, 0), trim(number)
    ) as place
  from person_phones
  where nullif(trim(number), '') is not null
)
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
left join emails as e on e.row_key = p.row_key and e.place = 1
left join phones as h on h.row_key = p.row_key and h.place = 1
where p.id is not null
