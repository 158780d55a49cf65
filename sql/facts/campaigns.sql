/*---
label: Campaigns
grain: one row per campaign
key: [campaign_id]
time: start_date
needs: [campaign]
opens: {campaign_id: campaign}
dimensions: {campaign: Campaign, channel: Channel, campaign_type: Campaign type, status: Status, owner: Owner, team: Team}
columns: {start_date: Start, end_date: End, cost: Cost, budget: Budget, members: Reached, responses: Responses, conversions: Conversions, qualified_leads: Qualified leads, response_rate: Response rate, conversion_rate: Conversion rate, cost_per_qualified_lead: Cost per qualified lead, target_cost_per_qualified_lead: Target, over_target: Over target, attributed_revenue: Attributed revenue, next_action: Next action}
measures:
  running_campaigns: {label: Running campaigns, unit: count, sql: "coalesce(sum(is_running), 0)"}
  campaigns_over_target: {label: Running over target, unit: count, sql: "coalesce(sum(case when over_target > 0 then is_running else 0 end), 0)"}
settings:
  target_cost_per_qualified_lead: {default: 250, about: what a qualified lead may cost in the reporting currency}
  attribution_model: {default: linear, about: "model behind attributed revenue: first_touch, last_touch or linear"}
questions:
  - "Which campaigns run now and are they worth their cost?"
---*/
-- Cost is the spend booked on the campaign (sales cost left out), else the cost it carries itself.
with spent as (
  select campaign_id, sum(spend_base) as booked_cost
  from marketing_spend
  where campaign_id is not null and platform <> 'sales'
  group by campaign_id
),
members as (
  select
    campaign_id,
    sum(is_reached) as reached_members,
    sum(is_responded) as responded_members,
    sum(is_converted) as converted_members
  from campaign_members
  group by campaign_id
),
lead_pairs as (
  select lead_id, campaign_id from leads where campaign_id is not null
  union
  select lead_id, campaign_id from campaign_members where lead_id is not null
),
generated as (
  select p.campaign_id, sum(l.is_qualified) as qualified_leads
  from lead_pairs as p
  inner join leads as l on l.lead_id = p.lead_id
  group by p.campaign_id
),
earned as (
  select campaign_id, sum(attributed_amount) as revenue
  from campaign_attribution
  where attribution_model = $attribution_model and is_attributed = 1
  group by campaign_id
),
measured as (
  select
    g.id as campaign_id,
    coalesce(g.name, '(none)') as campaign,
    coalesce(g.channel, '(none)') as channel,
    coalesce(g.campaign_type, '(none)') as campaign_type,
    coalesce(g.status, '(none)') as status,
    g.owner_id,
    g.start_date,
    g.end_date,
    case
      when g.status in ('completed', 'aborted') or e.days_ago > 0 then 0
      when b.days_ago < 0 then 0
      when g.status = 'active' or (g.status is null and b.days_ago >= 0) then 1
      else 0
    end as is_running,
    g.budgeted_cost_base as budget,
    coalesce(s.booked_cost, g.actual_cost_base) as cost,
    coalesce(m.reached_members, 0) as members,
    coalesce(m.responded_members, 0) as responses,
    coalesce(m.converted_members, 0) as conversions,
    coalesce(q.qualified_leads, 0) as qualified_leads,
    coalesce(r.revenue, 0) as attributed_revenue,
    1.0 * coalesce(s.booked_cost, g.actual_cost_base) / nullif(q.qualified_leads, 0)
      as cost_per_qualified_lead
  from campaign as g
  left join calendar as b on b.date_day = g.start_date
  left join calendar as e on e.date_day = g.end_date
  left join spent as s on s.campaign_id = g.id
  left join members as m on m.campaign_id = g.id
  left join generated as q on q.campaign_id = g.id
  left join earned as r on r.campaign_id = g.id
)
select
  m.campaign_id as campaign_id,
  m.campaign as campaign,
  m.channel as channel,
  m.campaign_type as campaign_type,
  m.status as status,
  coalesce(u.name, '(none)') as owner,
  coalesce(t.name, '(none)') as team,
  m.start_date as start_date,
  m.end_date as end_date,
  m.is_running as is_running,
  m.budget as budget,
  m.cost as cost,
  m.members as members,
  m.responses as responses,
  m.conversions as conversions,
  m.qualified_leads as qualified_leads,
  1.0 * m.responses / nullif(m.members, 0) as response_rate,
  1.0 * m.conversions / nullif(m.members, 0) as conversion_rate,
  m.cost_per_qualified_lead as cost_per_qualified_lead,
  $target_cost_per_qualified_lead as target_cost_per_qualified_lead,
  m.cost_per_qualified_lead / nullif($target_cost_per_qualified_lead, 0) - 1 as over_target,
  m.attributed_revenue as attributed_revenue,
  case
    when m.is_running = 0 then 'None'
    when m.cost > m.budget then 'Stop spending: the budget is used up'
    when m.cost_per_qualified_lead > $target_cost_per_qualified_lead
      then 'Cut the weakest segments: qualified leads cost more than the target'
    when m.cost > 0 and m.qualified_leads = 0 then 'Check targeting: no qualified lead yet'
    when m.members > 0 and m.responses = 0 then 'Check the message: nobody responded yet'
    else 'Keep going'
  end as next_action
from measured as m
left join "user" as u on u.id = m.owner_id
left join team as t on t.id = u.team_id
