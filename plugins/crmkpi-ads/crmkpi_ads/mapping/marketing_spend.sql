-- One row per day, account and campaign: Google's rows per device and network and Meta's rows per ad
-- are added up. Days are those of the ad account. Spend whose campaign is not known is kept.
with account_versions as (
  select
    'google_ads' as platform, id, currency_code as currency, updated_at as changed_at,
    case when _fivetran_active = false then 1 else 0 end as is_past
  from google_account_history
  union all
  select 'meta' as platform, id, currency, _fivetran_synced as changed_at, 0 as is_past
  from meta_account_history
  union all
  select 'linkedin' as platform, id, currency, last_modified_time as changed_at, 0 as is_past
  from linkedin_account_history
),
accounts as (
  select
    platform, id, upper(nullif(trim(currency), '')) as currency,
    row_number() over (partition by platform, id order by is_past, changed_at desc, currency) as place
  from account_versions
),
campaign_versions as (
  select
    'google_ads' as platform, id, customer_id as account_id, updated_at as changed_at,
    case when _fivetran_active = false then 1 else 0 end as is_past,
    case lower(trim(advertising_channel_type))
      when '' then null
      when 'unknown' then null
      when 'unspecified' then null
      when 'search' then 'paid_search'
      when 'shopping' then 'paid_shopping'
      else lower(trim(advertising_channel_type))
    end as channel
  from google_campaign_history
  union all
  select 'meta' as platform, id, account_id, updated_time as changed_at, 0 as is_past, null as channel
  from meta_campaign_history
  union all
  select 'linkedin' as platform, id, account_id, last_modified_time as changed_at, 0 as is_past, null as channel
  from linkedin_campaign_history
),
campaigns as (
  select
    platform, id, account_id, channel,
    row_number() over (partition by platform, id order by is_past, changed_at desc, account_id, channel)
      as place
  from campaign_versions
),
ad_sets as (
  select id, campaign_id, row_number() over (partition by id order by updated_time desc, campaign_id) as place
  from meta_ad_set_history
),
ads as (
  select
    h.id,
    coalesce(h.campaign_id, s.campaign_id) as campaign_id,
    row_number() over (partition by h.id order by h.updated_time desc, h.campaign_id) as place
  from meta_ad_history as h
  left join ad_sets as s on s.id = h.ad_set_id and s.place = 1
),
actions as (
  select v.ad_id, v.date, v.action_type, v.value as converted, cast(null as double) as earned
  from meta_basic_ad_actions as v
  union all
  select v.ad_id, v.date, v.action_type, cast(null as double) as converted, v.value as earned
  from meta_basic_ad_action_values as v
),
-- Leads, purchases and own conversions, on Meta and off it: its other types of action overlap.
results as (
  select a.ad_id, a.date, sum(a.converted) as conversions, sum(a.earned) as conversion_value
  from actions as a
  where lower(trim(a.action_type)) in (
    'offsite_conversion.fb_pixel_custom', 'offsite_conversion.fb_pixel_lead',
    'offsite_conversion.fb_pixel_purchase', 'onsite_conversion.lead_grouped',
    'onsite_conversion.purchase'
  )
  group by a.ad_id, a.date
),
ad_days as (
  select
    b.ad_id, b.date, min(b.account_id) as account_id,
    sum(b.spend) as cost, sum(b.impressions) as shown, sum(b.inline_link_clicks) as clicked
  from meta_basic_ad as b
  group by b.ad_id, b.date
),
days as (
  select
    'google_ads' as platform, s.date as spend_date, s.customer_id as account_id, s.id as campaign_id,
    sum(s.cost_micros) / 1000000.0 as cost, cast(null as double) as usd_cost,
    sum(s.impressions) as impressions, sum(s.clicks) as clicks, sum(s.conversions) as conversions,
    sum(s.conversions_value) as conversion_value
  from google_campaign_stats as s
  group by s.date, s.customer_id, s.id
  union all
  select
    'meta' as platform, b.date as spend_date, b.account_id, a.campaign_id,
    sum(b.cost) as cost, cast(null as double) as usd_cost,
    sum(b.shown) as impressions, sum(b.clicked) as clicks, sum(r.conversions) as conversions,
    sum(r.conversion_value) as conversion_value
  from ad_days as b
  left join ads as a on a.id = b.ad_id and a.place = 1
  left join results as r on r.ad_id = b.ad_id and r.date = b.date
  group by b.date, b.account_id, a.campaign_id
  union all
  select
    'linkedin' as platform, s.day as spend_date, cast(null as varchar) as account_id, s.campaign_id,
    sum(s.cost_in_local_currency) as cost, sum(s.cost_in_usd) as usd_cost,
    sum(s.impressions) as impressions, sum(s.clicks) as clicks,
    sum(case when s.external_website_conversions is not null or s.one_click_leads is not null
      then coalesce(s.external_website_conversions, 0) + coalesce(s.one_click_leads, 0) end)
      as conversions,
    sum(s.conversion_value_in_local_currency) as conversion_value
  from linkedin_ad_analytics_by_campaign as s
  group by s.day, s.campaign_id
),
-- LinkedIn gives dollars too: these count where the currency of the account is not known.
known as (
  select
    d.platform, d.spend_date, coalesce(d.account_id, c.account_id) as account_id,
    coalesce(d.campaign_id, '(none)') as campaign_id, c.id as known_id,
    coalesce(c.channel, case when d.platform <> 'google_ads' then 'paid_social' end) as channel,
    d.cost, d.usd_cost, a.currency, d.impressions, d.clicks, d.conversions, d.conversion_value,
    case when d.usd_cost is not null and (a.currency is null or d.cost is null) then 1 else 0 end as in_usd
  from days as d
  left join campaigns as c on c.platform = d.platform and c.id = d.campaign_id and c.place = 1
  left join accounts as a
    on a.platform = d.platform and a.id = coalesce(d.account_id, c.account_id) and a.place = 1
  where d.spend_date is not null
)
select
  platform || '/' || cast(spend_date as varchar) || '/' || coalesce(account_id, '(none)') || '/'
    || campaign_id as id,
  spend_date,
  platform,
  account_id as ad_account_id,
  platform || '/' || known_id as campaign_id,
  campaign_id as external_campaign_id,
  channel,
  coalesce(case when in_usd = 1 then usd_cost else cost end, 0) as spend,
  case when in_usd = 1 then 'USD' else currency end as currency,
  impressions,
  clicks,
  conversions,
  case when in_usd = 0 then conversion_value end as conversion_value
from known
