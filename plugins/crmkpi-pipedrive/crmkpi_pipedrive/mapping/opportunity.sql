-- Won and lost are the status of the deal (parts/deal_state.sql). The probability is the deal's
-- own, else that of its stage where the pipeline uses probabilities, as in Pipedrive's weighted
-- value.
with weighted as (
  select d.*, coalesce(l.is_weighted, true) as is_weighted
  from deal_state as d
  left join pipelines as l on l.id = d.own_pipeline_id
)
select
  id,
  add_time as created_at,
  update_time as updated_at,
  is_gone as is_deleted,
  coalesce(nullif(trim(title), ''), '(none)') as name,
  nullif(trim(org_id), '') as account_id,
  nullif(trim(person_id), '') as primary_contact_id,
  nullif(trim(user_id), '') as owner_id,
  own_pipeline_id as pipeline_id,
  case when outcome = 'open' then stage_now else own_pipeline_id || '/' || outcome end as stage_id,
  outcome as status,
  value as amount,
  upper(nullif(trim(currency), '')) as currency,
  case
    when outcome = 'won' then 1.0
    when outcome = 'lost' then 0.0
    when probability between 0 and 100 then probability / 100.0
    when is_weighted and stage_probability between 0 and 100 then stage_probability / 100.0
  end as probability,
  expected_close_date,
  closed_time as closed_at,
  case when outcome = 'open' then coalesce(stage_change_time, add_time) else closed_time end
    as stage_entered_at,
  case when outcome = 'lost' then nullif(trim(lost_reason), '') end as loss_reason,
  next_activity_date as next_activity_at,
  last_activity_date as last_activity_at
from weighted
where id is not null
