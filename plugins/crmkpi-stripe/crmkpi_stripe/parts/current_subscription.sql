-- Each subscription once: its current version, else the row of a table that keeps no versions.
select
  h.*, cast(null as text) as cancellation_details_feedback,
  cast(null as text) as cancellation_details_reason, cast(null as text) as currency
from subscription_history as h
where h.id is not null
union all
select s.* from subscription as s
where s.id is not null and not exists (select 1 from subscription_history as h where h.id = s.id)
