/*---
label: CRM records
grain: one row per account, contact, open lead and opportunity
key: [object, record_id]
time: created_date
needs: [account]
opens: {record_id: object}
dimensions: {object: Object, source: Source, owner: Owner, team: Team, problem: Problem}
columns: {record_name: Record, created_date: Created, last_seen_date: Last change or activity, days_unseen: Days without change, duplicate_by: Duplicate by, problems: Problems, next_action: Next action}
personal: {record_name: record_id}
settings:
  outdated_days: {default: 365, about: days without change and activity after which a contact is outdated}
questions:
  - Which records have to be merged, updated or given to somebody?
---*/
-- An object whose source has no owner column at all (the compiler says so) is not ownerless.
with seen as (
  select
    'contact' as object,
    contact_id as record_id,
    max(coalesce(occurred_date, completed_date, created_date)) as activity_date
  from activity
  group by contact_id
),
owned as (
  select source_system, entity, max(case when is_mapped then 1 else 0 end) as has_owner
  from data_quality_field
  where column_name = 'owner_id'
  group by source_system, entity
),
dated as (
  select
    v.*,
    coalesce(u.name, '(none)') as owner,
    coalesce(m.name, '(none)') as team,
    coalesce(u.is_active, false) as is_owner_active,
    coalesce(o.has_owner, 1) as is_ownable,
    case
      when s.activity_date > coalesce(v.updated_date, v.created_date) then s.activity_date
      else coalesce(v.updated_date, v.created_date, s.activity_date)
    end as last_seen_date
  from record_values as v
  left join "user" as u on u.id = v.owner_id
  left join team as m on m.id = u.team_id
  left join seen as s on s.object = v.object and s.record_id = v.record_id
  left join owned as o on o.source_system = v.source and o.entity = v.object
),
judged as (
  select
    d.*,
    c.days_ago as days_unseen,
    coalesce(x.duplicate_by, '(none)') as duplicate_by,
    coalesce(x.is_surplus, 0) as is_surplus,
    case when d.object = 'opportunity' then 0 else 1 end as is_matched,
    case when d.object = 'contact' then 1 else 0 end as is_contact,
    case
      when d.object <> 'contact' then 0
      when d.is_bounced = 1 or c.days_ago > $outdated_days then 1
      else 0
    end as is_outdated,
    case when d.is_owner_active then 0 else d.is_ownable end as is_ownerless
  from dated as d
  left join calendar as c on c.date_day = d.last_seen_date
  left join record_duplicates as x on x.object = d.object and x.record_id = d.record_id
)
select
  j.object,
  j.record_id,
  j.source,
  j.owner,
  j.team,
  j.record_name,
  j.created_date,
  j.last_seen_date,
  j.days_unseen,
  j.duplicate_by,
  j.is_matched,
  j.is_surplus,
  j.is_contact,
  j.is_outdated,
  j.is_ownable,
  j.is_ownerless,
  j.is_surplus + j.is_outdated + j.is_ownerless as problems,
  case
    when j.is_surplus = 1 then 'duplicate'
    when j.is_ownerless = 1 then 'no active owner'
    when j.is_outdated = 1 then 'outdated'
    else '(none)'
  end as problem,
  case
    when j.is_surplus = 1 then case j.duplicate_by
      when 'web domain' then 'Merge with the older record (same web domain)'
      when 'e-mail' then 'Merge with the older record (same e-mail)'
      when 'phone' then 'Merge with the older record (same phone)'
      else 'Merge with the older record (same name)' end
    when j.is_ownerless = 1 then 'Give it to an active owner'
    when j.is_bounced = 1 then 'Find a working e-mail address, or archive'
    when j.is_outdated = 1 then 'Check it is still right, or archive'
    else '(none)'
  end as next_action
from judged as j
