/*---
label: Record fields
grain: one row per record and field that is required or checked
time: created_date
needs: [account]
opens: {record_id: object}
dimensions: {object: Object, field: Field, owner: Owner, team: Team, source: Source, currency: Currency, fault: Fault}
columns: {record_name: Record, value: Value, created_date: Created, next_action: Next action}
personal: {record_name: record_id, value: record_id}
measures:
  unconverted_records: {label: Amounts without a rate, unit: count, sql: "coalesce(sum(is_unconverted), 0)"}
  unconverted_value: {label: Amount in that currency, unit: number, sql: sum(unconverted_amount)}
settings:
  required_fields: {default: [account.name, account.owner_id, account.industry, account.country_code, account.website_domain, contact.last_name, contact.email, contact.phone, contact.account_id, contact.owner_id, lead.last_name, lead.company_name, lead.email, lead.lead_source, lead.owner_id, opportunity.name, opportunity.account_id, opportunity.owner_id, opportunity.amount, opportunity.expected_close_date], about: 'fields a record must have, as object.field'}
questions:
  - Which fields are missing, and whose are they?
  - Which values cannot be right?
  - Which amounts are left out of sums, as their currency has no rate?
---*/
-- A field its source does not supply (the compiler says so) is left out: it is no one's omission.
-- A closed deal has its close date, whether or not one was expected.
-- Valid is by format and cross-field rule; whether a value is true needs a reference. An amount in a
-- currency without a rate is valid, but no sum has it.
with fields as (
  select 'account' as object, 'name' as field union all select 'account' as object, 'owner_id' as field
  union all select 'account' as object, 'industry' as field union all select 'account' as object, 'country_code' as field
  union all select 'account' as object, 'website_domain' as field union all select 'contact' as object, 'last_name' as field
  union all select 'contact' as object, 'email' as field union all select 'contact' as object, 'phone' as field
  union all select 'contact' as object, 'account_id' as field union all select 'contact' as object, 'owner_id' as field
  union all select 'contact' as object, 'country_code' as field union all select 'lead' as object, 'last_name' as field
  union all select 'lead' as object, 'company_name' as field union all select 'lead' as object, 'email' as field
  union all select 'lead' as object, 'phone' as field union all select 'lead' as object, 'lead_source' as field
  union all select 'lead' as object, 'owner_id' as field union all select 'lead' as object, 'country_code' as field
  union all select 'opportunity' as object, 'name' as field union all select 'opportunity' as object, 'account_id' as field
  union all select 'opportunity' as object, 'owner_id' as field union all select 'opportunity' as object, 'amount' as field
  union all select 'opportunity' as object, 'expected_close_date' as field
),
mapped as (
  select
    source_system, entity, column_name, max(case when f.is_mapped then 1 else 0 end) as is_mapped
  from data_quality_field as f
  group by source_system, entity, column_name
),
spread as (
  select
    v.object,
    v.record_id,
    v.source,
    v.owner_id,
    v.record_name,
    v.created_date,
    v.amount,
    coalesce(v.currency, '(none)') as currency,
    case when f.field = 'amount' and v.amount <> 0 and v.amount_base is null then v.amount end as unconverted_amount,
    v.close_date,
    v.is_open,
    v.is_bounced,
    f.field,
    case when f.object || '.' || f.field in $required_fields then 1 else 0 end as is_required,
    case f.field
      when 'name' then v.last_name
      when 'last_name' then v.last_name
      when 'owner_id' then v.owner_id
      when 'account_id' then v.account_id
      when 'industry' then v.industry
      when 'country_code' then v.country_code
      when 'website_domain' then v.website_domain
      when 'email' then v.email
      when 'phone' then v.phone
      when 'company_name' then v.company
      when 'lead_source' then v.lead_source
      when 'amount' then crm_text(v.amount)
      when 'expected_close_date' then cast(v.close_date as text)
    end as value
  from record_values as v
  inner join fields as f on f.object = v.object
  left join mapped as m
    on m.source_system = v.source and m.entity = v.object and m.column_name = f.field
  where coalesce(m.is_mapped, 1) = 1
),
measured as (
  select
    s.*,
    replace(replace(replace(replace(replace(replace(replace(
      s.value, ' ', ''), '-', ''), '(', ''), ')', ''), '.', ''), '/', ''), '+', '') as digits,
    d.days_ago as close_days_ago
  from spread as s
  left join calendar as d on d.date_day = s.close_date
),
checked as (
  select
    m.*,
    case
      when m.value is null then null
      when m.field = 'email' then case
        when m.is_bounced = 0 and m.value like '_%@_%._%' and m.value not like '%@%@%'
          and m.value not like '% %' and m.value not like '%..%' and m.value not like '%.'
          and m.value not like '%@.%'
          then 1 else 0 end
      when m.field = 'website_domain' then case
        when m.value like '_%._%' and m.value not like '% %' and m.value not like '%@%'
          and m.value not like '%/%' and m.value not like '%..%'
          then 1 else 0 end
      when m.field = 'phone' then case
        when length(m.digits) >= 7 and length(m.digits) <= 15
          and replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
            m.digits, '0', ''), '1', ''), '2', ''), '3', ''), '4', ''), '5', ''), '6', ''),
            '7', ''), '8', ''), '9', '') = ''
          then 1 else 0 end
      when m.field = 'country_code' then case when length(m.value) = 2 then 1 else 0 end
      when m.field = 'amount' then case when m.amount >= 0 then 1 else 0 end
      when m.field = 'expected_close_date' then case
        when m.close_date < m.created_date then 0
        when m.is_open = 0 and m.close_days_ago < 0 then 0
        else 1 end
    end as is_right
  from measured as m
)
select
  c.object,
  c.field,
  c.record_id,
  c.record_name,
  c.source,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  c.created_date,
  c.value,
  c.is_required,
  case when c.is_required = 1 and c.value is not null then 1 else 0 end as is_filled,
  case when c.is_right is not null then 1 else 0 end as is_checked,
  coalesce(c.is_right, 0) as is_valid,
  case when c.unconverted_amount is null then 0 else 1 end as is_unconverted,
  c.unconverted_amount,
  c.currency,
  case
    when c.is_required = 1 and c.value is null then 'missing'
    when c.is_right = 0 then 'not valid'
    when c.unconverted_amount is not null then 'currency without a rate'
    else '(none)'
  end as fault,
  case
    when c.is_required = 1 and c.value is null then crm_say('Fill in {1}', replace(c.field, '_', ' '))
    when c.is_right = 0 then crm_say('Correct {1}', replace(c.field, '_', ' '))
    when c.unconverted_amount is not null then crm_say('Add the exchange rate of {1}', c.currency)
    else '(none)'
  end as next_action
from checked as c
left join "user" as u on u.id = c.owner_id
left join team as t on t.id = u.team_id
