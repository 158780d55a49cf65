-- Members are those in the campaign's log: target lists keep no time at which somebody joined.
-- A click, opting in or becoming a lead is a response; a bounce is no contact.
with logged as (
  select
    campaign_id, lower(trim(parent_type)) as kind, parent_id as person_id, action_date,
    lower(trim(action)) in ('clicked', 'opted in', 'lead created') as is_response
  from campaign_log_record
  where campaign_id is not null and parent_id is not null and action_date is not null
    and not coalesce(deleted, false) and not coalesce(is_test, false)
    and lower(trim(action)) <> 'bounced'
),
members as (
  select
    campaign_id, kind, person_id, min(logged.action_date) as first_at,
    min(case when is_response then logged.action_date end) as first_response_at
  from logged
  where kind in ('contact', 'lead')
  group by campaign_id, kind, person_id
)
select
  campaign_id || '/' || person_id as id,
  first_at as created_at,
  campaign_id,
  case when kind = 'lead' then person_id end as lead_id,
  case when kind = 'contact' then person_id end as contact_id,
  first_at as first_touch_at,
  first_response_at is not null as has_responded,
  first_response_at as responded_at
from members
