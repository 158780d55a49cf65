-- Each deal once, as it was changed last (Airbyte reads it in every view), with the stage it is in
-- and whether it seems open, won or lost. Airbyte's streams open_deals, won_deals and lost_deals
-- are one view each, and then say it; but its version 1 reads all views into each of them. Where
-- half of the deals or more lie in several of them, a deal counts as closed by its closing date,
-- and as won at 100 percent.
with views as (
  select o.*, 'open' as view_name from open_deal as o
  union all
  select w.*, 'won' as view_name from won_deal as w
  union all
  select l.*, 'lost' as view_name from lost_deal as l
),
spread as (
  select id, count(distinct view_name) as view_count from views where id is not null group by id
),
all_views as (
  select count(distinct view_name) as view_count from views
),
trust as (
  select
    case
      when max(a.view_count) > 1
        and sum(case when s.view_count > 1 then 1 else 0 end) * 2 < count(*) then 1
      else 0
    end as by_view
  from spread as s
  cross join all_views as a
),
ranked as (
  select
    v.*,
    row_number() over (
      partition by v.id
      order by v.updated_at desc, case when v.is_deleted then 0 else 1 end, v.view_name desc, v.name
    ) as place
  from views as v
  where v.id is not null
),
judged as (
  select
    r.*,
    case
      when t.by_view = 1 then r.view_name
      when r.closed_date is null then 'open'
      when r.probability >= 100 then 'won'
      else 'lost'
    end as seems
  from ranked as r
  cross join trust as t
  where r.place = 1
)
select j.*, coalesce(nullif(trim(j.deal_stage_id), ''), '(none)/' || j.seems) as stage_id
from judged as j
