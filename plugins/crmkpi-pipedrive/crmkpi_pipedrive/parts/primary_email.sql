-- The email address of a person: the primary one, else the first of the list.
with ranked as (
  select
    row_key,
    lower(trim(address)) as address,
    row_number() over (
      partition by row_key
      order by case when is_primary then 0 else 1 end, coalesce(list_index, 0), lower(trim(address))
    ) as place
  from person_emails
  where nullif(trim(address), '') is not null
)
select row_key, address from ranked where place = 1
