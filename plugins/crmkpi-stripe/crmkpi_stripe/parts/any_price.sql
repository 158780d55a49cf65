-- Prices, and plans of the older catalogue that are no price too.
select p.* from price as p where p.id is not null
union all
select l.* from plan as l
where l.id is not null and not exists (select 1 from price as p where p.id = l.id)
