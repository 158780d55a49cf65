/*---
label: MRR movements
grain: one row per account, period and kind of movement, and one of its MRR at the start
time: period_start
needs: [subscription]
opens: {account_id: account}
pick: {period_type: month}
dimensions: {period_type: Period type, movement: Movement, account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry}
columns: {mrr_change: Change of MRR}
measures:
  mrr_change_value: {label: MRR, unit: money, sql: sum(mrr_change)}
questions: ["Where does the change of recurring revenue come from?"]
---*/
-- MRR at the start of a period and its movements add up to MRR at its end.
with kinds as (
  select 'start' as movement
  union all select 'new'
  union all select 'reactivation'
  union all select 'expansion'
  union all select 'contraction'
  union all select 'churn'
),
signed as (
  select
    p.period_type, p.period_start, p.is_complete, p.is_latest, p.account_id, p.account_name, p.owner, p.csm,
    p.team, p.region, p.segment, p.industry, k.movement,
    case k.movement
      when 'start' then p.start_mrr
      when 'new' then p.new_mrr
      when 'reactivation' then p.reactivation_mrr
      when 'expansion' then p.expansion_mrr
      when 'contraction' then -p.contraction_mrr
      else -p.churned_mrr
    end as mrr_change
  from account_periods as p
  cross join kinds as k
  where p.start_mrr <> p.end_mrr or k.movement = 'start'
)
select
  period_type, period_start, is_complete, is_latest, movement, account_id, account_name, owner, csm, team,
  region, segment, industry, mrr_change
from signed
where mrr_change <> 0
