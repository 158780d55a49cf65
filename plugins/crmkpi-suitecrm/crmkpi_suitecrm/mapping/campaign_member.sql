-- Members are the contacts and leads of a campaign's target lists (suppression, test and seed lists
-- aside), and those in its log. They joined when the log first names them, else when both the person
-- was on the list and the list on the campaign. A click or becoming a lead or contact is a response.
with lists as (
  select
    id, coalesce(lower(trim(list_type)), 'default') as list_type, coalesce(deleted, false) as is_deleted
  from prospect_lists
),
listed as (
  select
    c.campaign_id,
    lower(trim(p.related_type)) as kind,
    p.related_id as person_id,
    case
      when c.date_modified > p.date_modified then c.date_modified
      else coalesce(p.date_modified, c.date_modified)
    end as joined_at
  from prospect_list_campaigns as c
  inner join lists as l on l.id = c.prospect_list_id
  inner join prospect_lists_prospects as p on p.prospect_list_id = l.id
  where l.list_type = 'default' and not l.is_deleted
    and not coalesce(c.deleted, false) and not coalesce(p.deleted, false)
),
logged as (
  select
    g.campaign_id, lower(trim(g.target_type)) as kind, g.target_id as person_id, g.activity_date,
    lower(trim(g.activity_type)) in ('link', 'lead', 'contact') as is_response
  from campaign_log as g
  left join lists as l on l.id = g.list_id
  where not coalesce(g.deleted, false) and coalesce(l.list_type, 'default') <> 'test'
    and lower(trim(g.activity_type)) not in ('blocked', 'invalid email', 'send error')
),
moments as (
  select
    campaign_id, kind, person_id, joined_at, cast(null as timestamp) as logged_at,
    cast(null as timestamp) as responded_at
  from listed
  union all
  select
    campaign_id, kind, person_id, cast(null as timestamp) as joined_at, activity_date as logged_at,
    case when is_response then activity_date end as responded_at
  from logged
),
members as (
  select
    campaign_id, kind, person_id,
    coalesce(min(logged_at), min(joined_at)) as first_at,
    min(moments.responded_at) as first_response_at
  from moments
  where campaign_id is not null and person_id is not null and kind in ('contacts', 'leads')
  group by campaign_id, kind, person_id
)
select
  campaign_id || '/' || person_id as id,
  first_at as created_at,
  campaign_id,
  case when kind = 'leads' then person_id end as lead_id,
  case when kind = 'contacts' then person_id end as contact_id,
  first_at as first_touch_at,
  first_response_at is not null as has_responded,
  first_response_at as responded_at
from members
where first_at is not null
