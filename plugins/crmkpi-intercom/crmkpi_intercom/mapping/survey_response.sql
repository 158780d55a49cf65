-- The rating of a conversation, 1 to 5. Who was asked and did not answer is not known.
with versions as (
  select
    c.*,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no
  from conversation_history as c
  where id is not null
),
people as (
  select
    p.id,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no,
    coalesce(lower(trim(p.role)), 'user') <> 'lead' as is_contact
  from contact_history as p
),
talkers as (
  select
    t.conversation_id, t.contact_id,
    row_number() over (
      partition by t.conversation_id
      order by case when t.contact_id = v.source_author_id then 0 else 1 end, t.contact_id
    ) as place
  from conversation_contact_history as t
  inner join versions as v on v.id = t.conversation_id and v.version_no = 1
  inner join people as p on p.id = t.contact_id and p.version_no = 1 and p.is_contact
),
employers as (
  select contact_id, min(company_id) as company_id
  from contact_company_history
  where contact_id is not null and company_id is not null
  group by contact_id
)
select
  v.id,
  coalesce(v.conversation_rating_created_at, v.updated_at) as created_at,
  'csat' as survey_type,
  v.conversation_rating_value as score,
  1 as scale_min,
  5 as scale_max,
  (v.conversation_rating_value - 1) * 25 as normalized_score,
  case
    when v.conversation_rating_value >= 4 then 'satisfied'
    when v.conversation_rating_value >= 3 then 'neutral'
    else 'dissatisfied'
  end as category,
  nullif(trim(v.conversation_rating_remark), '') as comment,
  e.company_id as account_id,
  t.contact_id,
  v.id as ticket_id,
  case when lower(trim(v.assignee_type)) = 'admin' then nullif(trim(v.assignee_id), '0') end
    as agent_id,
  coalesce(v.conversation_rating_created_at, v.updated_at) as responded_at
from versions as v
left join talkers as t on t.conversation_id = v.id and t.place = 1
left join employers as e on e.contact_id = t.contact_id
where v.version_no = 1 and v.conversation_rating_value between 1 and 5
