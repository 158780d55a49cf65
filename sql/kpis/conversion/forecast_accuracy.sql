/*---
label: Revenue forecast accuracy
question: How good were our forecasts?
definition: One minus the sum of absolute errors over the sum of actual won amounts, per period and owner, of periods that are over; the forecast is the one that stood before the period began.
unit: percent
good: up
kind: quality
signal: lagging
use: reporting
journey: sale
time: period_start
over_time: ratio
owner: sales_manager
refresh: daily
review: monthly forecast review
thresholds: {warn: 0.85, act: 0.7}
action: Show each owner their bias of the last three periods. Move the deals that slip twice out of commit.
needs: [opportunity, forecast_snapshot]
calculator: {absolute_error: abs(forecast - actual), measured_actual: actual}
examples:
  - given: {forecast: 90, actual: 100}
    value: 0.9
  - given: {forecast: 90, actual: 0}
    value: null
  - given: {forecast: 250, actual: 100}
    value: 0
edge_cases:
  - no actual gives no accuracy
  - never below 0; the fact keeps error and bias as they are
  - periods without any snapshot before they began are left out
  - an owner without a forecast counts with forecast zero
---*/
select
  case
    when sum(absolute_error) >= sum(measured_actual) and sum(measured_actual) > 0 then 0.0
    when sum(measured_actual) > 0 then 1 - 1.0 * sum(absolute_error) / sum(measured_actual)
  end
from forecasts
