-- The number of a person: the primary one, else the first of the list.
with ranked as (
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
select row_key, number from ranked where place = 1
