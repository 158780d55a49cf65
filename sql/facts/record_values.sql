/*---
label: Record values
grain: one row per account, contact, open lead and opportunity
key: [object, record_id]
time: created_date
needs: [account]
opens: {record_id: object}
dimensions: {object: Object, source: Source}
columns: {record_name: Record, email: E-mail, phone: Phone, website_domain: Web domain, company: Company}
personal: {record_name: record_id, first_name: record_id, last_name: record_id, email: record_id, phone: record_id}
settings:
  placeholders: {default: ['', '-', '--', '.', '?', n/a, na, none, 'null', test, tbd, unknown, xxx], about: 'texts (lower case) that mean that a field is empty'}
questions:
  - What stands in the records?
---*/
-- The four objects in one shape; a placeholder is an empty field. Converted leads live on as
-- contacts and are left out.
with everything as (
  select
    'account' as object, id, source_system, owner_id, created_date, created_epoch, updated_date,
    cast(null as text) as first_name, name as last_name, cast(null as text) as email,
    cast(null as text) as phone, website_domain, id as account_id,
    cast(null as text) as company_name, parent_account_id, industry, country_code,
    cast(null as text) as lead_source, cast(null as text) as job_title,
    cast(null as double) as amount, cast(null as double) as amount_base,
    cast(null as text) as currency, cast(null as date) as close_date, 0 as is_bounced, 1 as is_open
  from account
  union all
  select
    'contact' as object, id, source_system, owner_id, created_date, created_epoch, updated_date,
    first_name, last_name, email, phone, null as website_domain, account_id,
    account_id as company_name, null as parent_account_id, null as industry, country_code,
    lead_source, job_title, null as amount, null as amount_base, null as currency,
    null as close_date, case when is_email_invalid then 1 else 0 end as is_bounced, 1 as is_open
  from contact
  where merged_into_id is null
  union all
  select
    'lead' as object, id, source_system, owner_id, created_date, created_epoch, updated_date,
    first_name, last_name, email, phone, null as website_domain, null as account_id,
    company_name, null as parent_account_id, industry, country_code, lead_source,
    null as job_title, null as amount, null as amount_base, null as currency, null as close_date,
    0 as is_bounced, 1 as is_open
  from lead
  where status <> 'converted'
  union all
  select
    'opportunity' as object, id, source_system, owner_id, created_date, created_epoch,
    updated_date, null as first_name, name as last_name, null as email, null as phone,
    null as website_domain, account_id, null as company_name, null as parent_account_id,
    null as industry, null as country_code, lead_source, null as job_title, amount,
    amount_base, currency, coalesce(closed_date, expected_close_date) as close_date, 0 as is_bounced,
    case when status = 'open' then 1 else 0 end as is_open
  from opportunity
),
cleaned as (
  select
    object,
    id as record_id,
    coalesce(source_system, '(none)') as source,
    owner_id,
    account_id,
    parent_account_id,
    created_date,
    coalesce(created_epoch, 0) as created_epoch,
    updated_date,
    case when lower(trim(company_name)) not in $placeholders then trim(company_name) end as company,
    case when lower(trim(first_name)) not in $placeholders then trim(first_name) end as first_name,
    case when lower(trim(last_name)) not in $placeholders then trim(last_name) end as last_name,
    case when lower(trim(email)) not in $placeholders then trim(email) end as email,
    case when lower(trim(phone)) not in $placeholders then trim(phone) end as phone,
    case when lower(trim(website_domain)) not in $placeholders then trim(website_domain) end as website_domain,
    case when lower(trim(industry)) not in $placeholders then trim(industry) end as industry,
    case when lower(trim(country_code)) not in $placeholders then trim(country_code) end as country_code,
    case when lower(trim(lead_source)) not in $placeholders then trim(lead_source) end as lead_source,
    case when lower(trim(job_title)) not in $placeholders then trim(job_title) end as job_title,
    amount,
    amount_base,
    currency,
    close_date,
    is_bounced,
    is_open
  from everything
)
select
  object,
  record_id,
  source,
  owner_id,
  account_id,
  parent_account_id,
  created_date,
  created_epoch,
  updated_date,
  coalesce(first_name || ' ' || last_name, last_name, first_name, email, company, '(no name)')
    as record_name,
  company,
  first_name,
  last_name,
  email,
  phone,
  website_domain,
  industry,
  country_code,
  lead_source,
  job_title,
  amount,
  amount_base,
  currency,
  close_date,
  is_bounced,
  is_open
from cleaned
