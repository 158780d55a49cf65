-- Won and lost belong to the stage: by its forecast type, where the list of stages is loaded; else by
-- the deals in it. Airbyte's streams open_deals, won_deals and lost_deals are one view each, and then
-- say it; but its version 1 reads all views into each of them. Where half of the deals or more lie in
-- several of them, a deal counts as closed by its closing date, and as won at 100 percent.
with views as (
  select o.*, 'open' as view_name from open_deal as o
  union all
  select w.*, 'won' as view_name from won_deal as w
  union all
  select l.*, 'lost' as view_name from lost_deal as l
),
spread as (
  select id, count(distinct view_name) as view_count from views where id is not null group by id
),
all_views as (
  select count(distinct view_name) as view_count from views
),
trust as (
  select
    case
      when max(a.view_count) > 1
        and sum(case when s.view_count > 1 then 1 else 0 end) * 2 < count(*) then 1
      else 0
    end as by_view
  from spread as s
  cross join all_views as a
),
ranked as (
  select
    v.*,
    row_number() over (
      partition by v.id
      order by v.updated_at desc, case when v.is_deleted then 0 else 1 end, v.view_name desc, v.name
    ) as place
  from views as v
  where v.id is not null
),
judged as (
  select
    r.*,
    case
      when t.by_view = 1 then r.view_name
      when r.closed_date is null then 'open'
      when r.probability >= 100 then 'won'
      else 'lost'
    end as seems
  from ranked as r
  cross join trust as t
  where r.place = 1
),
placed as (
  select j.*, coalesce(nullif(trim(j.deal_stage_id), ''), '(none)/' || j.seems) as stage_id
  from judged as j
),
votes as (
  select
    p.stage_id,
    min(p.deal_pipeline_id) as pipeline_id,
    sum(case when p.seems = 'won' then 1 else 0 end) as won_count,
    sum(case when p.seems = 'lost' then 1 else 0 end) as lost_count,
    sum(case when p.seems = 'open' then 1 else 0 end) as open_count
  from placed as p
  group by p.stage_id
),
flags as (
  select
    id,
    max(case
      when lower(forecast_type) like '%won%' then 'won'
      when lower(forecast_type) like '%lost%' then 'lost'
      when nullif(trim(forecast_type), '') is not null then 'open'
    end) as outcome
  from deal_stage
  where id is not null
  group by id
),
outcomes as (
  select
    v.stage_id,
    coalesce(f.outcome, case
      when v.won_count > v.lost_count and v.won_count > v.open_count then 'won'
      when v.lost_count >= v.won_count and v.lost_count > v.open_count then 'lost'
      else 'open'
    end) as outcome
  from votes as v
  left join flags as f on f.id = v.stage_id
),
codes as (
  select x.id, min(upper(nullif(trim(x.currency_code), ''))) as code from currency as x group by x.id
),
reasons as (
  select x.id, min(x.name) as name from deal_reason as x group by x.id
),
types as (
  select x.id, min(x.name) as name from deal_type as x group by x.id
),
sources as (
  select x.id, min(x.name) as name from lead_source as x group by x.id
)
select
  p.id,
  p.created_at,
  p.updated_at,
  coalesce(p.is_deleted, false) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  nullif(trim(p.sales_account_id), '') as account_id,
  nullif(trim(p.owner_id), '') as owner_id,
  coalesce(nullif(trim(p.deal_pipeline_id), ''), '(none)') as pipeline_id,
  p.stage_id,
  o.outcome as status,
  nullif(trim(t.name), '') as opportunity_type,
  -- without the currency's code, the amount in the account's base currency
  case when c.code is not null then p.amount else coalesce(p.base_currency_amount, p.amount) end
    as amount,
  c.code as currency,
  case when p.probability between 0 and 100 then p.probability / 100.0 end as probability,
  case o.outcome
    when 'won' then 'closed' when 'lost' then 'omitted' else nullif(trim(p.forecast_category), '')
  end as forecast_category,
  p.expected_close as expected_close_date,
  case
    when o.outcome <> 'open'
      then coalesce(p.closed_date, cast(p.stage_updated_time as date), cast(p.updated_at as date))
  end as closed_at,
  p.stage_updated_time as stage_entered_at,
  nullif(trim(s.name), '') as lead_source,
  nullif(trim(r.name), '') as loss_reason,
  p.last_contacted_via_sales_activity as last_activity_at
from placed as p
inner join outcomes as o on o.stage_id = p.stage_id
left join codes as c on c.id = p.currency_id
left join reasons as r on r.id = p.deal_reason_id and o.outcome = 'lost'
left join types as t on t.id = p.deal_type_id
left join sources as s on s.id = p.lead_source_id
