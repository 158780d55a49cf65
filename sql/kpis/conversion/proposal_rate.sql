/*---
label: Proposal rate
question: How many deals come to a proposal?
definition: Deals that reached a proposal stage or went past it over all deals created, by creation date, in pipelines that have such a stage.
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: sale
time: created_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.4, act: 0.25}
action: Read the notes of ten deals that ended before a proposal. Tighten who becomes an opportunity, or help with the first proposal.
needs: [opportunity, stage, opportunity_history]
calculator: {is_past_proposal: proposed, is_with_proposal_stage: created}
examples:
  - given: {proposed: 20, created: 40}
    value: 0.5
edge_cases:
  - a stage skipped forward counts as reached; so does a won deal
  - which stages are proposals is set by proposal_stages
  - pipelines without a proposal stage are in neither side
---*/
select 1.0 * sum(is_past_proposal) / nullif(sum(is_with_proposal_stage), 0)
from opportunities
