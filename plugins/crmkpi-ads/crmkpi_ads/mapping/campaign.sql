-- The latest version of each campaign. The three platforms number campaigns on their own, so the id
-- is `<platform>/<its id>`. Removed campaigns stay: what they cost was paid.
with google_accounts as (
  select
    id,
    upper(nullif(trim(currency_code), '')) as currency,
    row_number() over (
      partition by id
      order by case when coalesce(_fivetran_active, true) then 0 else 1 end, updated_at desc, currency_code
    ) as place
  from google_account_history
),
google as (
  select
    h.*,
    row_number() over (
      partition by h.id
      order by case when coalesce(h._fivetran_active, true) then 0 else 1 end, h.updated_at desc, h.name
    ) as place
  from google_campaign_history as h
),
meta_accounts as (
  select
    id,
    upper(nullif(trim(currency), '')) as currency,
    row_number() over (partition by id order by _fivetran_synced desc, currency) as place
  from meta_account_history
),
meta as (
  select h.*, row_number() over (partition by h.id order by h.updated_time desc, h.name) as place
  from meta_campaign_history as h
),
linkedin_accounts as (
  select
    id,
    upper(nullif(trim(currency), '')) as currency,
    row_number() over (partition by id order by last_modified_time desc, currency) as place
  from linkedin_account_history
),
linkedin as (
  select h.*, row_number() over (partition by h.id order by h.last_modified_time desc, h.name) as place
  from linkedin_campaign_history as h
),
campaigns as (
  select
    'google_ads/' || g.id as id,
    cast(null as timestamp) as created_at,
    g.updated_at,
    g.name,
    case lower(trim(g.advertising_channel_type))
      when '' then null
      when 'unknown' then null
      when 'unspecified' then null
      when 'search' then 'paid_search'
      when 'shopping' then 'paid_shopping'
      else lower(trim(g.advertising_channel_type))
    end as channel,
    g.status,
    g.start_date,
    nullif(g.end_date, cast('2037-12-30' as date)) as end_date,  -- Google's word for no end
    cast(null as double) as budgeted_cost,
    a.currency
  from google as g
  left join google_accounts as a on a.id = g.customer_id and a.place = 1
  where g.place = 1 and g.id is not null
  union all
  select
    'meta/' || m.id as id,
    m.created_time as created_at,
    m.updated_time as updated_at,
    m.name,
    'paid_social' as channel,
    m.status,
    cast(m.start_time as date) as start_date,
    cast(m.stop_time as date) as end_date,
    -- budgets are in the smallest unit of the account's currency, by Meta's own table of these
    case
      when a.currency in ('CLP', 'COP', 'CRC', 'HUF', 'IDR', 'ISK', 'JPY', 'KRW', 'PYG', 'TWD', 'VND')
        then nullif(m.lifetime_budget, 0)
      when a.currency is not null then nullif(m.lifetime_budget, 0) / 100.0
    end as budgeted_cost,
    a.currency
  from meta as m
  left join meta_accounts as a on a.id = m.account_id and a.place = 1
  where m.place = 1 and m.id is not null
  union all
  select
    'linkedin/' || l.id as id,
    l.created_time as created_at,
    l.last_modified_time as updated_at,
    l.name,
    'paid_social' as channel,
    l.status,
    cast(l.run_schedule_start as date) as start_date,
    cast(l.run_schedule_end as date) as end_date,
    cast(null as double) as budgeted_cost,
    a.currency
  from linkedin as l
  left join linkedin_accounts as a on a.id = l.account_id and a.place = 1
  where l.place = 1 and l.id is not null
)
select
  id,
  created_at,
  updated_at,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  channel as campaign_type,
  channel,
  status,
  start_date,
  end_date,
  budgeted_cost,
  currency
from campaigns
