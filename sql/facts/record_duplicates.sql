/*---
label: Duplicate records
grain: one row per account, contact and open lead
key: [object, record_id]
time: created_date
needs: [account]
opens: {record_id: object}
dimensions: {object: Object, source: Source, duplicate_by: Duplicate by}
columns: {record_name: Record, created_date: Created}
personal: {record_name: record_id}
settings:
  shared_domains: {default: [gmail.com, googlemail.com, outlook.com, hotmail.com, yahoo.com, icloud.com, gmx.de, web.de], about: web domains that many companies share}
questions:
  - Which records are there twice?
---*/
-- Duplicates, within one object and source: the same e-mail; phone and last name; name (persons:
-- with their company); for accounts the web domain, but for those below a parent. The oldest of a
-- group is the record, the others are surplus: a group of three is two surplus.
with normal as (
  select
    v.object,
    v.record_id,
    v.source,
    v.record_name,
    v.created_date,
    v.created_epoch,
    v.parent_account_id,
    lower(v.email) as email,
    replace(lower(v.website_domain), 'www.', '') as domain,
    lower(v.first_name) as first_name,
    lower(v.last_name) as last_name,
    lower(v.company) as company,
    replace(replace(replace(replace(replace(replace(replace(v.phone, ' ', ''), '-', ''), '(', ''),
      ')', ''), '.', ''), '/', ''), '+', '') as digits,
    replace(replace(replace(replace(replace(replace(replace(replace(replace(
      ' ' || replace(replace(lower(v.last_name), '.', ''), ',', '') || ' ', ' inc ', ' '),
      ' corp ', ' '), ' llc ', ' '), ' ltd ', ' '), ' plc ', ' '), ' gmbh ', ' '), ' ag ', ' '),
      ' ', ''), '-', '') as plain_name
  from record_values as v
  where v.object <> 'opportunity'
),
keyed as (
  select
    n.*,
    case
      when n.object <> 'account' then n.email
      when n.parent_account_id is null and n.domain not in $shared_domains then n.domain
    end as address_key,
    case when length(n.digits) > 6 then n.digits || '|' || n.last_name end as phone_key,
    case
      when n.object = 'account' then n.plain_name
      else n.first_name || '|' || n.last_name || '|' || n.company
    end as name_key
  from normal as n
),
numbered as (
  select
    k.*,
    row_number() over (
      partition by k.object, k.source, k.address_key order by k.created_epoch, k.record_id
    ) as address_no,
    row_number() over (
      partition by k.object, k.source, k.phone_key order by k.created_epoch, k.record_id
    ) as phone_no,
    row_number() over (
      partition by k.object, k.source, k.name_key order by k.created_epoch, k.record_id
    ) as name_no
  from keyed as k
),
matched as (
  select
    n.*,
    case
      when n.address_no > 1 and n.address_key is not null
        then case when n.object = 'account' then 'web domain' else 'e-mail' end
      when n.phone_no > 1 and n.phone_key is not null then 'phone'
      when n.name_no > 1 and n.name_key is not null then 'name'
      else '(none)'
    end as duplicate_by
  from numbered as n
)
select
  m.object,
  m.record_id,
  m.source,
  m.record_name,
  m.created_date,
  m.duplicate_by,
  case when m.duplicate_by = '(none)' then 0 else 1 end as is_surplus
from matched as m
