/*---
about: a number as people write it in its unit (the units differ from row to row)
placeholders:
  value: the number
---*/
select
  case when g.unit = 'money' then g.currency || ' ' else '' end
  || crm_text(case
    when g.unit = 'percent' then floor($value * 1000 + 0.5) / 10.0
    when g.unit = 'money' and abs($value) >= 1000000 then floor($value / 10000.0 + 0.5) / 100.0
    when g.unit = 'money' and abs($value) >= 1000 then floor($value / 100.0 + 0.5) / 10.0
    when g.unit = 'money' then floor($value + 0.5)
    when g.unit in ('days', 'months') then floor($value * 10 + 0.5) / 10.0
    else floor($value * 100 + 0.5) / 100.0
  end)
  || case
    when g.unit = 'percent' then '%'
    when g.unit = 'money' and abs($value) >= 1000000 then 'M'
    when g.unit = 'money' and abs($value) >= 1000 then 'k'
    when g.unit in ('days', 'months') then ' ' || g.unit
    else ''
  end as number_text
from governed as g
