-- Each ticket once, as it was changed last.
with ranked as (
  select
    t.*,
    row_number() over (
      partition by t.id order by t.updated_at desc, case when t.deleted then 0 else 1 end, t.status
    ) as place
  from desk_ticket as t
  where t.id is not null
)
select r.*, coalesce(r.spam, false) or coalesce(r.deleted, false) as is_gone
from ranked as r
where r.place = 1
