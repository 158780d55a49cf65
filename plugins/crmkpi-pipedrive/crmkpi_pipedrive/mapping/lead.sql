-- A lead that becomes a deal is deleted by Pipedrive and leaves no link, so none is `converted` here.
-- An archived one was put aside. The first response is the first call, mail or meeting done for it.
with touches as (
  select
    a.lead_id,
    max(case when a.done then 1 else 0 end) as is_worked,
    min(case
      when a.done and lower(trim(a.type)) in ('call', 'email', 'meeting', 'lunch')
        and a.marked_as_done_time >= l.add_time then a.marked_as_done_time
    end) as first_time
  from activities as a
  inner join leads as l on l.id = a.lead_id
  where coalesce(a.active_flag, true)
  group by a.lead_id
)
select
  l.id,
  l.add_time as created_at,
  l.update_time as updated_at,
  nullif(trim(o.name), '') as company_name,
  nullif(trim(p.first_name), '') as first_name,
  case
    when nullif(trim(p.first_name), '') is null and nullif(trim(p.last_name), '') is null
      then coalesce(nullif(trim(p.name), ''), nullif(trim(l.title), ''))
    else nullif(trim(p.last_name), '')
  end as last_name,
  e.address as email,
  h.number as phone,
  nullif(trim(l.owner_id), '') as owner_id,
  case
    when l.is_archived then 'disqualified'
    when t.is_worked = 1 or nullif(trim(l.next_activity_id), '') is not null then 'working'
    else 'open'
  end as status,
  case when l.is_archived then 'Archived' end as status_label,
  nullif(trim(l.source_name), '') as lead_source,
  t.first_time as first_response_at
from leads as l
left join persons as p on p.id = l.person_id
left join organizations as o on o.id = l.organization_id
left join primary_email as e on e.row_key = p.row_key
left join primary_phone as h on h.row_key = p.row_key
left join touches as t on t.lead_id = l.id
where l.id is not null
