-- KPI instances of cases. Dataverse gives the deadline (pauses and opening hours are in it), not the
-- allowance, so the target is the time from start to deadline by the clock on the wall. Days are
-- counted from the parts of the timestamps as text: SQL of all engines has no common difference.
with instances as (
  select
    k.*,
    i.slainvokedid,
    i.slaid,
    case
      when k.slakpiinstanceid = i.firstresponsebykpiid then 'first_reply'
      when k.slakpiinstanceid = i.resolvebykpiid then 'resolution'
      when lower(k.name) like '%first%' then 'first_reply'
      when lower(k.name) like '%resol%' then 'resolution'
      when lower(k.name) like '%next%' then 'next_reply'
      when lower(k.name) like '%update%' then 'periodic_update'
    end as metric,
    cast(k.applicablefromvalue as varchar) as start_text,
    cast(k.failuretime as varchar) as end_text
  from slakpiinstance as k
  inner join incident as i on i.incidentid = k.regarding
),
parts as (
  select
    n.*,
    cast(substr(start_text, 1, 4) as bigint) as y1,
    cast(substr(start_text, 6, 2) as bigint) as m1,
    cast(substr(start_text, 9, 2) as bigint) as d1,
    60 * cast(substr(start_text, 12, 2) as bigint) + cast(substr(start_text, 15, 2) as bigint) as t1,
    cast(substr(end_text, 1, 4) as bigint) as y2,
    cast(substr(end_text, 6, 2) as bigint) as m2,
    cast(substr(end_text, 9, 2) as bigint) as d2,
    60 * cast(substr(end_text, 12, 2) as bigint) + cast(substr(end_text, 15, 2) as bigint) as t2
  from instances as n
),
-- Years begin in March, so that a leap day is the last day of one.
shifted as (
  select
    p.*,
    case when m1 > 2 then y1 else y1 - 1 end as march_y1,
    case when m1 > 2 then m1 - 3 else m1 + 9 end as march_m1,
    case when m2 > 2 then y2 else y2 - 1 end as march_y2,
    case when m2 > 2 then m2 - 3 else m2 + 9 end as march_m2
  from parts as p
),
numbered as (
  select
    s.*,
    1440 * (365 * march_y1 + floor(march_y1 / 4.0) - floor(march_y1 / 100.0) + floor(march_y1 / 400.0)
      + floor((153 * march_m1 + 2) / 5.0) + d1) + t1 as start_minute,
    1440 * (365 * march_y2 + floor(march_y2 / 4.0) - floor(march_y2 / 100.0) + floor(march_y2 / 400.0)
      + floor((153 * march_m2 + 2) / 5.0) + d2) + t2 as end_minute
  from shifted as s
)
select
  n.slakpiinstanceid as id,
  n.createdon as created_at,
  n.modifiedon as updated_at,
  coalesce(n._fivetran_deleted, false) as is_deleted,
  n.regarding as ticket_id,
  n.metric,
  coalesce(nullif(trim(p.name), ''), nullif(trim(n.name), '')) as policy_name,
  n.end_minute - n.start_minute as target_minutes,
  false as is_business_hours,
  n.applicablefromvalue as applied_at,
  n.failuretime as due_at,
  n.succeededon as fulfilled_at,
  case when n.status = '1' then n.failuretime end as breached_at,
  n.status
from numbered as n
left join sla as p on p.slaid = coalesce(n.slainvokedid, n.slaid)
where n.slakpiinstanceid is not null and n.metric is not null
  and n.failuretime >= n.applicablefromvalue
