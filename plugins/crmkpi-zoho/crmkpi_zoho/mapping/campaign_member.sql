-- The export names campaign and lead but gives no ids: they are found by name, and a name that two
-- leads share points to none of them.
with campaign_names as (
  select trim(campaign_name) as campaign_name, min(campaign_id) as campaign_id
  from campaigns
  group by trim(campaign_name)
  having count(*) = 1
),
lead_names as (
  select lower(trim(last_name)) as last_name, min(lead_id) as lead_id
  from leads
  group by lower(trim(last_name))
  having count(*) = 1
)
select
  'member-' || cast(row_number() over (
    order by m.campaign_name, m.lead_last_name, m.lead_first_name, m.last_modified_time, m.status
  ) as varchar) as id,
  m.last_modified_time as updated_at,
  c.campaign_id,
  l.lead_id,
  nullif(trim(m.status), '') as status,
  m.last_modified_time as first_touch_at,
  lower(trim(m.status)) = 'responded' as has_responded,
  case when lower(trim(m.status)) = 'responded' then m.last_modified_time end as responded_at
from campaign_lead_status as m
inner join campaign_names as c on c.campaign_name = trim(m.campaign_name)
left join lead_names as l on l.last_name = lower(trim(m.lead_last_name))
where m.last_modified_time is not null
