/*---
about: a number as people write it in its unit (the units differ from row to row)
placeholders:
  value: the number
---*/
select
  case
    when g.unit = 'percent' then cast(floor($value * 1000 + 0.5) / 10.0 as varchar) || ' %'
    when g.unit = 'money' and abs($value) >= 1000000
      then g.currency || ' ' || cast(floor($value / 10000.0 + 0.5) / 100.0 as varchar) || 'M'
    when g.unit = 'money' and abs($value) >= 1000
      then g.currency || ' ' || cast(floor($value / 100.0 + 0.5) / 10.0 as varchar) || 'k'
    when g.unit = 'money' then g.currency || ' ' || cast(floor($value + 0.5) as varchar)
    when g.unit in ('days', 'months')
      then cast(floor($value * 10 + 0.5) / 10.0 as varchar) || ' ' || g.unit
    else cast(floor($value * 100 + 0.5) / 100.0 as varchar)
  end as number_text
from governed as g
