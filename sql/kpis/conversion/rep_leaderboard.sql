/*---
label: Sales performance by rep
question: Who sells how much, and how?
definition: "Amount of won deals of an owner, by the date they were closed. Beside it per owner: won deals, average deal, win rate, mean sales cycle, open amount of today (by stage where the stage is a row), and won over target of the months that have one."
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: period_date
over_time: sum
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Let the rep with the best win rate show two deals to the team. Coach the rep furthest under the pace on the one number that lags most.
needs: [opportunity, opportunity.amount]
report: {by: [owner], measures: [rep_won_deals, rep_average_deal, rep_win_rate, rep_cycle, rep_open_value, rep_attainment]}
calculator: {won_amount: won}
examples:
  - given: {won: 120000}
    value: 120000
  # two deals won, one of them without an amount, one open, one target
  - rows: [{won_amount: 500.0}, {won_amount: null}, {won_amount: null}, {won_amount: null}]
    value: 500
edge_cases:
  - deals without an owner are in the row '(none)'
  - open deals count today, whatever the range; a range that ends before today shows no open amount
  - a won deal without an amount counts as won, and is in neither side of the average deal
  - "targets know no status, currency or pipeline: under a filter by one of these there is no attainment"
  - a rep who won nothing has no amount, not zero; a rep with a target and nothing won has an attainment of zero
  - amounts are in the reporting currency; the currency to filter by is that of the deal
---*/
select sum(won_amount)
from rep_results
