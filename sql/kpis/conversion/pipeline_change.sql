/*---
label: Pipeline change
question: Why did the pipeline change?
definition: "What the pipeline of a period, the open deals expected to close in it, gained and lost other than by winning: created, reopened, pulled in, pushed in and increased, less decreased, pushed out and lost. Open at the start plus this less won is open at the end, to the cent, at any filter but the kind of change. A filter picks one period type."
unit: money
good: up
kind: outcome
signal: leading
use: operating
journey: sale
time: period_start
over_time: last
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.25}
action: Take the largest falling bar of the waterfall and open its deals. Ask for each deal pushed out what the buyer has to do by when; where lost is the largest, call two of the buyers.
needs: [opportunity, opportunity.amount, opportunity.expected_close_date, opportunity.created_at, opportunity.status, opportunity_history, opportunity_history.amount, opportunity_history.expected_close_date, stage]
calculator: {change_amount: created + reopened + pulled_in + pushed_in + increased - decreased - pushed_out - lost}
examples:
  - given: {created: 40, reopened: 0, pulled_in: 20, pushed_in: 10, increased: 15, decreased: 5, pushed_out: 30, lost: 25}
    value: 25
  - given: {created: 0, reopened: 0, pulled_in: 0, pushed_in: 0, increased: 0, decreased: 0, pushed_out: 30, lost: 0}
    value: -30
edge_cases:
  - net per deal, from the start of the period to its end; what is pushed out and back within it has not changed
  - a deal created and closed within the period is created and won or lost, at the amount at its close
  - a deal that comes in within the period counts with its amount at the end; increased and decreased are of deals that were in it at the start
  - a deal won at another amount than at the start is increased or decreased first, then won
  - what is won or lost in the period belongs to it, so a deal due later counts as pulled in, an overdue one as pushed in
  - overdue deals stay in the period in which they were expected, and are in no later one until their date is changed
  - a deal without a close date is in no period
  - owner, team and segment are those of now, as elsewhere; a deal handed over takes its past along
  - an amount that is not known counts nothing; amounts then are converted at the rate of the deal, so a currency is no change
  - deleted deals are gone from past periods too
  - a source that tells the present state only shows no pulls, pushes or changed amounts
scorecard: {period: month, where: {period_type: month}}
---*/
select sum(change_amount)
from pipeline_changes
