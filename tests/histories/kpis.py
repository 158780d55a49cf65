"""The KPIs of a world by their definitions, each with the ways to cut it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.histories.reports import REPORTS
from tests.histories.simulator import Simulator

Row = Mapping[str, Any]
Value = Fraction | Decimal | None
#: question and cut -> key -> value
Answers = dict[tuple[str, str], dict[str, Value]]


@dataclass(frozen=True)
class Question:
    """A KPI, or a measure that stands beside one, asked of a fact by some of its columns."""

    name: str
    fact: str
    time: str
    value: Callable[[list[Row]], Value]
    by: tuple[str, ...] = ()
    #: a measure of the fact; else `name` is a KPI
    measure: str | None = None
    #: whether zero says something
    is_rate: bool = False
    #: whether it has a value beyond one month
    adds_up: bool = True

    @property
    def cuts(self) -> dict[str, str]:
        total = {"total": ""} if self.adds_up else {}
        return {**total, "month": self.time, **{name: name for name in self.by}}

    @property
    def columns(self) -> dict[str, str]:
        return {cut: column for cut, column in self.cuts.items() if column}

    def shown(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Without keys that have no value; whether a sum of zero has a row is no matter."""
        return {
            str(key): value
            for key, value in values.items()
            if key is not None and value is not None and (value or self.is_rate)
        }


def total(name: str) -> Callable[[list[Row]], Value]:
    """The sum of what is known; None where nothing is."""

    def value(rows: list[Row]) -> Value:
        known = [Fraction(row[name]) for row in rows if row.get(name) is not None]
        return sum(known, Fraction(0)) if known else None

    return value


def ratio(above: str, below: str) -> Callable[[list[Row]], Value]:
    def value(rows: list[Row]) -> Value:
        upper, lower = total(above)(rows), total(below)(rows)
        return None if upper is None or not lower else Fraction(upper) / Fraction(lower)

    return value


def mean(name: str) -> Callable[[list[Row]], Value]:
    def value(rows: list[Row]) -> Value:
        known = [Fraction(row[name]) for row in rows if row.get(name) is not None]
        return sum(known, Fraction(0)) / len(known) if known else None

    return value


def share(name: str) -> Callable[[list[Row]], Value]:
    """Of all rows."""
    return lambda rows: Fraction(sum(row[name] for row in rows), len(rows))


def count(rows: list[Row]) -> Value:
    return Fraction(len(rows))


def growth(rows: list[Row]) -> Value:
    now, before = total("comparable")(rows), total("prior")(rows)
    return (Fraction(now or 0) - Fraction(before)) / Fraction(before) if before else None


def velocity(rows: list[Row]) -> Value:
    parts = {name: Fraction(total(name)(rows) or 0) for name in rows[0] if name.startswith("n_")}
    if not (parts["n_closed"] and parts["n_sized"] and parts["n_days"]):
        return None
    rate = parts["n_won"] / parts["n_closed"]
    size = parts["n_amount"] / parts["n_sized"]
    return parts["n_open"] * rate * size * parts["n_cycles"] / parts["n_days"]


def coverage(rows: list[Row]) -> Value:
    gap = Fraction(total("target")(rows) or 0) - Fraction(total("won")(rows) or 0)
    return Fraction(total("due")(rows) or 0) / gap if gap > 0 else None


DEAL = ("owner", "stage", "pipeline")
OF_DEALS = [
    Question("win_rate", "opportunities", "closed_date", ratio("is_won", "is_closed"), DEAL,
             is_rate=True),
    Question("average_deal_size", "opportunities", "closed_date", mean("won_amount"), DEAL,
             is_rate=True),
    Question("lost_deals", "opportunities", "closed_date", total("is_lost"), DEAL),
    Question("opportunities_created", "opportunities", "created_date", count, DEAL),
    Question("sales_cycle_length", "opportunities", "closed_date", mean("cycle"), DEAL,
             is_rate=True),
    Question("net_new_revenue", "opportunities", "closed_date", total("net_new"), DEAL),
    Question("proposal_rate", "opportunities", "created_date",
             ratio("is_past_proposal", "is_with_proposal_stage"), DEAL, is_rate=True),
    Question("stalled_deals", "opportunities", "pipeline_date", total("is_stalled"), DEAL),
    Question("stage_hygiene", "opportunities", "pipeline_date", share("is_faulty"), DEAL,
             is_rate=True),
    Question("won_value", "opportunities", "closed_date", total("won_amount"), DEAL,
             measure="won_value"),
    Question("won_deals", "opportunities", "closed_date", total("is_won"), DEAL,
             measure="won_deals"),
    Question("open_deals", "opportunities", "expected_close_date", total("is_open"), DEAL,
             measure="open_deals"),
    Question("open_value", "opportunities", "expected_close_date", total("open_amount"), DEAL,
             measure="open_value"),
    Question("weighted_value", "opportunities", "expected_close_date", total("weighted_amount"),
             DEAL, measure="weighted_value"),
]  # fmt: skip
OF_STAGES = [
    Question("stage_conversion", "opportunity_stages", "entered_date",
             ratio("is_advanced", "is_mature"), DEAL, is_rate=True),
    Question("stage_duration", "opportunity_stages", "entered_date", mean("days"), DEAL,
             is_rate=True),
    Question("deals_that_came_so_far", "opportunity_stages", "entered_date", count, DEAL,
             measure="deals"),
]  # fmt: skip
OF_MONTHS = [
    Question("pipeline_value", "pipeline_months", "month_start", total("amount"), DEAL,
             adds_up=False),
    Question("weighted_pipeline", "pipeline_months", "month_start", total("weighted"), DEAL,
             measure="weighted_value", adds_up=False),
    Question("pipeline_velocity", "revenue_months", "month_start", velocity, adds_up=False),
    Question("revenue_growth_rate", "revenue_months", "month_start", growth,
             ("owner", "pipeline"), is_rate=True),
]  # fmt: skip
OF_PLANS = [
    Question("target_attainment", "pipeline_periods", "month_start", ratio("won", "target"),
             ("owner",), is_rate=True),
    Question("pipeline_coverage", "pipeline_periods", "month_start", coverage, ("owner",),
             is_rate=True),
    Question("forecast_amount", "forecasts", "period_start", total("forecast"), ("owner",)),
    Question("best_case", "forecasts", "period_start", total("best"), ("owner",),
             measure="best_case_value"),
    Question("commit", "forecasts", "period_start", total("commit"), ("owner",),
             measure="commit_value"),
    Question("rep_leaderboard", "rep_results", "period_date", total("won_amount"), DEAL),
    Question("rep_open_value", "rep_results", "period_date", total("open_amount"), DEAL,
             measure="rep_open_value"),
    Question("rep_attainment", "rep_results", "period_date", ratio("target_won", "target"),
             ("owner",), measure="rep_attainment", is_rate=True),
]  # fmt: skip
QUESTIONS = (*OF_DEALS, *OF_STAGES, *OF_MONTHS, *OF_PLANS)


def answers(simulator: Simulator) -> Answers:
    """What each question has for an answer, by each cut."""
    found: Answers = {}
    rows = {name: list(report(simulator)) for name, report in REPORTS.items()}
    for question in QUESTIONS:
        for cut, column in question.cuts.items():
            parts: dict[str, list[Row]] = {}
            for row in rows[question.fact]:
                key = "total" if cut == "total" else row[column]
                parts.setdefault(key, []).append(row)
            found[question.name, cut] = question.shown(
                {key: question.value(part) for key, part in parts.items()}
            )
    return found
