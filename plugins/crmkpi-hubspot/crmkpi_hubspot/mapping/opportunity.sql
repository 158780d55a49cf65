-- Won and lost are the flags of the stage (see stage.sql). HubSpot sets the close date when a deal is
-- closed; a closed deal that lost it was closed when it entered its stage.
with digits as (
  select 0 as n union all select 1 as n union all select 2 as n union all select 3 as n
  union all select 4 as n union all select 5 as n union all select 6 as n union all select 7 as n
  union all select 8 as n union all select 9 as n
),
places as (
  select 1 + a.n + 10 * b.n + 100 * c.n as n
  from digits as a cross join digits as b cross join digits as c
  where c.n < 3
),
merged as (
  select trim(split_part(s.hs_merged_object_ids, ';', p.n)) as id
  from deal as s
  cross join places as p
  where nullif(trim(s.hs_merged_object_ids), '') is not null
    and p.n <= 1 + length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
    and trim(split_part(s.hs_merged_object_ids, ';', p.n)) <> coalesce(s.id, '')
  union
  select merged_deal_id as id from merged_deal where merged_deal_id <> coalesce(deal_id, '')
),
listed as (
  select
    trim(pipeline_id) as pipeline_id, trim(stage_id) as stage_id, probability,
    coalesce(
      closed_won, is_closed and probability >= 1, is_closed is null and probability = 1, false
    ) as is_won,
    coalesce(is_closed, probability in (0, 1), false) as is_closed,
    row_number() over (
      partition by trim(pipeline_id), trim(stage_id)
      order by
        case
          when coalesce(active, true) and not coalesce(is_deleted, false)
            and not coalesce(_fivetran_deleted, false) then 0
          else 1
        end, coalesce(display_order, 99), label
    ) as place
  from deal_pipeline_stage
  where trim(pipeline_id) <> '' and trim(stage_id) <> ''
),
keyed as (
  select
    d.*,
    coalesce(nullif(trim(d.deal_pipeline_id), ''), '(none)') as pipeline_key,
    coalesce(nullif(trim(d.deal_pipeline_stage_id), ''), '(none)') as stage_key
  from deal as d
  where d.id is not null
),
placed as (
  select
    k.*, s.probability as stage_probability,
    case
      when s.stage_id is not null then s.is_won
      else max(case when k.hs_is_closed_won then 1 else 0 end)
        over (partition by k.pipeline_key, k.stage_key) = 1
    end as is_won,
    case
      when s.stage_id is not null and (s.is_closed or coalesce(s.probability, 1) <> 0)
        then s.is_closed
      else max(case when k.hs_is_closed then 1 else 0 end)
        over (partition by k.pipeline_key, k.stage_key) = 1
    end as is_closed
  from keyed as k
  left join listed as s
    on s.pipeline_id = k.pipeline_key and s.stage_id = k.stage_key and s.place = 1
),
entered as (
  select deal_id, stage_id, max(entered_at) as entered_at
  from (
    select deal_id, stage_id, date_entered as entered_at from deal_stage
    union all
    select h.deal_id, h.value as stage_id, h.changed_at as entered_at
    from deal_property_history as h
    where lower(trim(h.name)) = 'dealstage'
      and not exists (select 1 from deal_stage as t where t.deal_id = h.deal_id)
  ) as e
  where deal_id is not null and stage_id is not null
  group by deal_id, stage_id
),
companies as (
  select
    deal_id, company_id,
    row_number() over (
      partition by deal_id order by case when type_id = '5' then 0 else 1 end, company_id
    ) as place
  from deal_company
  where deal_id is not null and company_id is not null
),
contacts as (
  select deal_id, min(contact_id) as first_contact_id from deal_contact group by deal_id
)
select
  d.id,
  d.createdate as created_at,
  d.updated_at,
  coalesce(d.is_deleted, false) or coalesce(d._fivetran_deleted, false) or m.id is not null
    or (a.id is not null and (
      a.archived_at is null or d.updated_at is null or d.updated_at <= a.archived_at
    )) as is_deleted,
  coalesce(nullif(trim(d.dealname), ''), '(none)') as name,
  coalesce(d.hs_primary_associated_company_id, c.company_id) as account_id,
  p.first_contact_id as primary_contact_id,
  d.hubspot_owner_id as owner_id,
  d.pipeline_key as pipeline_id,
  d.pipeline_key || '/' || d.stage_key as stage_id,
  case when d.is_won then 'won' when d.is_closed then 'lost' else 'open' end as status,
  d.dealtype as opportunity_type,
  d.amount,
  upper(nullif(trim(d.deal_currency_code), '')) as currency,
  d.hs_arr as arr_amount,
  case
    when d.is_won then 1.0
    when d.is_closed then 0.0
    when d.hs_deal_stage_probability between 0 and 1 then d.hs_deal_stage_probability
    when d.stage_probability between 0 and 1 then d.stage_probability
  end as probability,
  d.hs_manual_forecast_category as forecast_category,
  d.closedate as expected_close_date,
  case when d.is_won or d.is_closed then coalesce(d.closedate, e.entered_at) end as closed_at,
  e.entered_at as stage_entered_at,
  nullif(trim(d.hs_analytics_source), '') as lead_source,
  case
    when d.is_closed and not d.is_won then nullif(trim(d.closed_lost_reason), '')
  end as loss_reason,
  nullif(trim(d.hs_next_step), '') as next_step,
  d.notes_next_activity_date as next_activity_at,
  d.notes_last_updated as last_activity_at
from placed as d
left join merged as m on m.id = d.id
left join deal_archived as a on a.id = d.id
left join entered as e on e.deal_id = d.id and e.stage_id = d.stage_key
left join companies as c on c.deal_id = d.id and c.place = 1
left join contacts as p on p.deal_id = d.id
