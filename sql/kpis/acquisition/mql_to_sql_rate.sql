/*---
label: MQL to SQL rate
question: Does sales accept what marketing qualifies?
definition: Leads of the MQL cohort (by first MQL date) that reached SQL on that day or later, over the cohort.
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: qualification
time: mql_date
over_time: ratio
owner: {sales_manager: accepting or rejecting in time, marketing_manager: leads that fit the agreed definition}
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.4, act: 0.25}
action: Read the reasons of the last ten rejected MQLs. Change the scoring rule behind the most frequent one.
needs: [lead, lead.mql_at, lead.sql_at]
calculator: {is_mql_to_sql: accepted, is_qualified: mqls}
examples:
  - given: {accepted: 30, mqls: 75}
    value: 0.4
edge_cases:
  - an SQL date before the MQL date does not count
  - "no MQL: null"
---*/
select 1.0 * sum(is_mql_to_sql) / nullif(sum(is_qualified), 0)
from leads
