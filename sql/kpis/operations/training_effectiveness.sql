/*---
label: Training effectiveness
question: "Does training change how people work in the CRM?"
definition: "Change of the trained users from training_weeks (8) before a training to as many after, less the change of users without that course in the same weeks, in points: the mean of the effect on adoption (share of weeks active) and the effect on data completeness (required fields filled in the records created in those weeks that the user owns), of what there is."
unit: points
good: up
kind: quality
signal: lagging
use: reporting
journey: all
time: week_date
over_time: ratio
owner: crm_manager
refresh: weekly
review: monthly CRM adoption review
thresholds: {warn: 3, act: 0}
action: "Stop or rewrite the course with the smallest effect. Ask three users of the best one what they do differently, and put that into the next."
needs: [user, training_completion]
examples:
  # adoption 50 to 75 % against 50 to 62.5 %, completeness 80 to 90 % against 80 to 82 %
  - rows:
      - {trained_weeks: 8, trained_active_before: 4, trained_active_after: 6, other_weeks: 0, other_active_before: 0, other_active_after: 0, trained_required_before: 50, trained_filled_before: 40, trained_required_after: 100, trained_filled_after: 90, other_required_before: 0, other_filled_before: 0, other_required_after: 0, other_filled_after: 0}
      - {trained_weeks: 0, trained_active_before: 0, trained_active_after: 0, other_weeks: 8, other_active_before: 4, other_active_after: 5, trained_required_before: 0, trained_filled_before: 0, trained_required_after: 0, trained_filled_after: 0, other_required_before: 100, other_filled_before: 80, other_required_after: 50, other_filled_after: 41}
    value: 10.25
  # no records: adoption alone
  - rows:
      - {trained_weeks: 8, trained_active_before: 4, trained_active_after: 6, other_weeks: 0, other_active_before: 0, other_active_after: 0, trained_required_before: 0, trained_filled_before: 0, trained_required_after: 0, trained_filled_after: 0, other_required_before: 0, other_filled_before: 0, other_required_after: 0, other_filled_after: 0}
      - {trained_weeks: 0, trained_active_before: 0, trained_active_after: 0, other_weeks: 8, other_active_before: 4, other_active_after: 5, trained_required_before: 0, trained_filled_before: 0, trained_required_after: 0, trained_filled_after: 0, other_required_before: 0, other_filled_before: 0, other_required_after: 0, other_filled_after: 0}
    value: 12.5
  # the others created no records: adoption alone
  - rows:
      - {trained_weeks: 8, trained_active_before: 4, trained_active_after: 6, other_weeks: 0, other_active_before: 0, other_active_after: 0, trained_required_before: 50, trained_filled_before: 40, trained_required_after: 100, trained_filled_after: 90, other_required_before: 0, other_filled_before: 0, other_required_after: 0, other_filled_after: 0}
      - {trained_weeks: 0, trained_active_before: 0, trained_active_after: 0, other_weeks: 8, other_active_before: 4, other_active_after: 5, trained_required_before: 0, trained_filled_before: 0, trained_required_after: 0, trained_filled_after: 0, other_required_before: 0, other_filled_before: 0, other_required_after: 0, other_filled_after: 0}
    value: 12.5
  # nobody to compare with
  - rows:
      - {trained_weeks: 8, trained_active_before: 4, trained_active_after: 6, other_weeks: 0, other_active_before: 0, other_active_after: 0, trained_required_before: 50, trained_filled_before: 40, trained_required_after: 100, trained_filled_after: 90, other_required_before: 0, other_filled_before: 0, other_required_after: 0, other_filled_after: 0}
    value: null
edge_cases:
  - without trained users or without others in the same weeks there is no value, not zero
  - the week of the training is on neither side, and a training counts once the weeks after it are over
  - who joined, left or had no licence in those weeks is in neither side
  - a course taken again counts from the first time it was finished
  - the others never took the course, or later than the weeks after; other courses do not keep them out
  - the others of a course and week together weigh as much as those trained in it
  - "records have no history: completeness is as of today, of the records created in those weeks by today's owner"
  - who created no records on one side counts for adoption only
---*/
select
  100.0 * (
    case
      when sum(trained_weeks) > 0 and sum(other_weeks) > 0
        then (sum(trained_active_after) - sum(trained_active_before)) / nullif(sum(trained_weeks), 0)
          - (sum(other_active_after) - sum(other_active_before)) / nullif(sum(other_weeks), 0)
      else 0
    end
    + case
      when sum(trained_required_before) > 0 and sum(other_required_before) > 0
        then sum(trained_filled_after) / nullif(sum(trained_required_after), 0)
          - sum(trained_filled_before) / nullif(sum(trained_required_before), 0)
          - sum(other_filled_after) / nullif(sum(other_required_after), 0)
          + sum(other_filled_before) / nullif(sum(other_required_before), 0)
      else 0
    end
  ) / nullif(
    case when sum(trained_weeks) > 0 and sum(other_weeks) > 0 then 1 else 0 end
    + case
      when sum(trained_required_before) > 0 and sum(other_required_before) > 0 then 1 else 0
    end, 0)
from training_effects
