-- The places 1 to 300 of a list of merged ids (`1;2`): HubSpot merges at most 250 records into one.
with digits as (
  select 0 as n union all select 1 as n union all select 2 as n union all select 3 as n
  union all select 4 as n union all select 5 as n union all select 6 as n union all select 7 as n
  union all select 8 as n union all select 9 as n
)
select 1 + a.n + 10 * b.n + 100 * c.n as n
from digits as a cross join digits as b cross join digits as c
where c.n < 3
