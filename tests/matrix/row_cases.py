"""Cases of facts compared row by row: the random frames of the KPIs, with labels filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from tests.matrix.case import Case, Check
from tests.matrix.row_audience import audience_rows
from tests.matrix.row_changes import pipeline_change_rows
from tests.matrix.row_customers import (
    FEW_CUSTOMERS,
    buyer_rows,
    churn_rows,
    customer_rows,
    retention_rows,
    with_edges,
    with_movements,
    with_rare,
    with_undated,
)
from tests.matrix.row_marketing import marketing_rows, with_budgets
from tests.matrix.row_prospects import FEW_LEADS, lead_odds_rows
from tests.matrix.row_records import record_rows, with_nulls
from tests.matrix.row_sales import (
    FEW_DEALS,
    MID_MONTH,
    mid_month_rows,
    sales_rows,
    stageless_rows,
    with_gaps,
    without_stages,
)
from tests.matrix.row_schedules import schedule_rows
from tests.matrix.row_service import (
    BACKLOG_DAYS,
    LONG_BACKLOG_DAYS,
    message_rows,
    sla_rows,
    survey_rows,
    thread_rows,
    ticket_rows,
    unwaited_rows,
    with_moods,
    with_today,
    with_waits,
)
from tests.matrix.row_training import (
    TRAINING_WEEKS,
    course_rows,
    effect_rows,
    everybody_trained,
    user_rows,
)
from tests.matrix.row_viewers import viewer_rows
from tests.matrix.rows import Rows
from tests.oracles import (
    audience,
    churn_predictions,
    customer_frames,
    customer_messages,
    customer_values,
    email_threads,
    lead_predictions,
    marketing_frames,
    pipeline_frames,
    product_usage,
    records,
    retention_frames,
    sales_frames,
    schedules,
    survey_responses,
    ticket_slas,
    tickets,
    training_effects,
    trainings,
    user_weeks,
    viewers,
    workbench,
)
from tests.oracles.labelling import labelled

Frames = Mapping[str, pd.DataFrame]


def _no_checks(frames: Frames) -> Iterator[Check]:
    del frames
    return iter(())


def _case(
    name: str,
    frames: Callable[[int], Frames],
    rows: Callable[[Frames], Iterator[Rows]],
    today: date = workbench.TODAY,
    filled: Callable[[dict[str, pd.DataFrame], int], Frames] | None = None,
    **options: Any,
) -> Case:
    @lru_cache(maxsize=8)
    def made(seed: int) -> Frames:
        found = labelled(frames(seed), seed)
        return filled(found, seed) if filled else found

    return Case(f"rows of {name}", made, _no_checks, today, options, rows)


def rich(frames: Callable[[int], Frames], **least: int) -> Callable[[int], Frames]:
    """`frames` of the first of seed, seed + 101, ... with so many rows of each entity at least."""

    def made(seed: int) -> Frames:
        for shift in range(0, 20200, 101):
            found = frames(seed + shift)
            if all(name in found and len(found[name]) >= count for name, count in least.items()):
                return found
        raise ValueError(f"no frames of seed {seed} have {least}")

    return made


def _surveys_of_tickets(seed: int) -> Frames:
    return {
        **survey_responses.random_surveys(seed),
        "ticket": pd.DataFrame({"id": [f"t{n}" for n in range(6)], "status": "open"}),
    }


def _trainings_of_all(seed: int) -> Frames:
    """With a course that everybody finished in one week, so that there is nobody to compare."""
    made = rich(training_effects.random_trainings, training_completion=12)
    return everybody_trained(dict(made(seed)))


ROW_CASES = [
    _case("sales", rich(lambda seed: sales_frames.sales_frames(seed, deals=40), activity=40, lead=4,
                        quota=4, forecast_snapshot=15), sales_rows,
          filled=with_gaps, settings={"deal_min_cases": FEW_DEALS}),
    _case("sales within a month", lambda seed: sales_frames.sales_frames(seed, deals=250),
          mid_month_rows, MID_MONTH),
    _case("sales without stages", lambda seed: sales_frames.sales_frames(seed, deals=40),
          stageless_rows, filled=without_stages),
    _case("pipeline changes", pipeline_frames.pipeline_frames, pipeline_change_rows,
          pipeline_frames.TODAY, settings={"pipeline_change_months": pipeline_frames.MONTHS}),
    _case("marketing", rich(marketing_frames.marketing_frames, lead=15, marketing_spend=8,
                            campaign_member=12, subscription=3), marketing_rows,
          filled=with_budgets, settings={"cac_lag_days": 0}, holidays=workbench.HOLIDAYS),
    _case("lead_odds", rich(lead_predictions.random_leads, lead=20), lead_odds_rows,
          settings={"lead_min_cases": FEW_LEADS}),
    _case("customers", lambda seed: customer_frames.random_frames(seed, 30), customer_rows,
          customer_frames.TODAY, with_movements),
    _case("usage", rich(lambda seed: product_usage.random_usage(seed, 30),
                        product_usage_event=60), customer_rows, customer_frames.TODAY,
          with_edges),
    _case("retention", lambda seed: retention_frames.random_frames(seed, 25), retention_rows,
          retention_frames.TODAY),
    _case("churn", rich(churn_predictions.random_customers, subscription=10), churn_rows,
          filled=with_rare, settings={"churn_min_cases": FEW_CUSTOMERS}),
    _case("buyers", lambda seed: customer_values.random_buyers(seed, 150), buyer_rows,
           filled=with_undated),
    _case("tickets", tickets.random_tickets, ticket_rows, tickets.TODAY, with_waits,
          settings={"backlog_days": BACKLOG_DAYS}, time_zone=tickets.ZONE, week=tickets.WEEK,
          holidays=tickets.HOLIDAYS),
    _case("tickets without waits", tickets.random_tickets, unwaited_rows, tickets.TODAY, with_waits,
          settings={"backlog_days": LONG_BACKLOG_DAYS, "exclude_waiting": 1},
          time_zone=tickets.ZONE, week=tickets.WEEK, holidays=tickets.HOLIDAYS),
    _case("slas", ticket_slas.random_slas, sla_rows, ticket_slas.TODAY, with_today),
    _case("surveys", _surveys_of_tickets, survey_rows, survey_responses.TODAY),
    _case("threads", rich(email_threads.random_emails, activity=60), thread_rows),
    _case("messages", rich(customer_messages.random_messages, ticket=5, survey_response=5,
                           activity=5), message_rows, filled=with_moods),
    _case("audience", rich(audience.random_audience, contact=12, email_event=20), audience_rows),
    _case("courses", rich(trainings.random_courses, training_completion=15), course_rows),
    _case("users", user_weeks.random_users, user_rows, user_weeks.TODAY),
    _case("records", records.random_records, record_rows, records.TODAY, with_nulls),
    Case("rows of schedules", schedules.random_frames, _no_checks,
         options={"settings": {"exclude_waiting": 1}}, rows=schedule_rows),
    _case("viewers", rich(viewers.random_people, user=10), viewer_rows,
          settings={"team_managers": viewers.MANAGERS}),
    Case("rows of training", _trainings_of_all,
         _no_checks, options={"settings": {"training_weeks": TRAINING_WEEKS}}, rows=effect_rows),
]  # fmt: skip
