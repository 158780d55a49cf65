"""Random histories, as four vendors keep them, give the KPIs that a simulator computes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.histories import hubspot, odoo, pipedrive, salesforce
from tests.histories.compare import MODES, Bench
from tests.histories.events import Event, history
from tests.histories.kpis import QUESTIONS
from tests.histories.switches import kept
from tests.histories.world import World
from tests.seeds import by_turns, examples, seed

BENCHES = {
    "salesforce": Bench(salesforce.VENDOR, salesforce.HABITS, salesforce.rows),
    "hubspot": Bench(hubspot.VENDOR, hubspot.HABITS, hubspot.rows),
    "pipedrive": Bench(pipedrive.VENDOR, pipedrive.HABITS, pipedrive.rows),
    "odoo": Bench(odoo.VENDOR, odoo.HABITS, odoo.rows),
}
#: histories that lie in one warehouse, each a pipeline of its own
TOGETHER = 10
WORLDS = examples(1)


def seeds(world: int) -> list[int]:
    """Others each day; `CRMKPI_SEED` repeats them."""
    return [seed() % 100_000_000 * 1000 + world * TOGETHER + one for one in range(TOGETHER)]


@by_turns(2)
@pytest.mark.parametrize("world", range(WORLDS))
@pytest.mark.parametrize("vendor", BENCHES)
def test_a_random_history_gives_the_kpis_of_the_simulator(vendor: str, world: int) -> None:
    bench = BENCHES[vendor]
    events = kept(vendor, (event for number in seeds(world) for event in history(number)))
    if different := bench.differences(events):
        smallest, last = bench.smallest(events, different[0])
        lines = [*map(str, different[:20]), "", "the smallest history that differs:"]
        pytest.fail("\n".join([*lines, *map(str, smallest), str(last)]), pytrace=False)


def event(day: str, kind: str, value: Any = None, deal: int = 1) -> Event:
    return Event(datetime.fromisoformat(f"{day} 15:00"), 1, deal, kind, value)


def created(day: str, stage: int = 1, deal: int = 1, close: str = "2025-09-30") -> Event:
    """A deal of 1000 in the reporting currency."""
    value = {"owner": 1, "account": None, "stage": stage, "amount": Decimal(1000)}
    ends = date.fromisoformat(close)
    return event(day, "create", {**value, "currency": "EUR", "close": ends}, deal)


LOST_EARLY = [created("2024-09-24", close="2025-01-08"), event("2024-09-28", "lose")]
EMPTIED = [
    created("2024-12-10"),
    event("2025-01-20", "amount"),
    event("2025-03-04", "amount", Decimal(500)),
]
RESIZED = [created("2025-06-08"), event("2025-06-10", "amount", Decimal(500))]
REOPENED = [created("2024-11-14"), event("2024-12-15", "lose"), event("2025-02-16", "reopen", 1)]
MERGED = [
    created("2024-10-06", stage=3, deal=2),
    event("2024-10-07", "win", deal=2),
    created("2025-06-01", stage=2),
    event("2025-06-10", "merge", 1, deal=2),
]
UNMOVED = [created("2025-06-08", stage=3)]
#: opened and closed again in one moment, in a stage further on
BRIEFLY_OPEN = [
    created("2024-06-19"),
    event("2024-06-29", "lose"),
    event("2024-06-30", "reopen", 4),
    event("2024-06-30", "lose"),
]
#: the second stage is deleted, and its deals go to the third
STAGE_GONE = [
    created("2024-12-10"),
    event("2024-12-14", "move", 2),
    event("2025-06-02", "delete stage", (2, 3), deal=0),
]
#: what random histories found: vendor, history, question, cut, and the answer by hand
FOUND: dict[str, tuple[str, list[Event], str, str, Mapping[str, float]]] = {
    "a lost deal counts on its close date, as Salesforce itself reports it": (
        "salesforce", LOST_EARLY, "lost_deals", "month", {"2025-01": 1},
    ),
    "a deal without an amount at the end of a month has none there": (
        "salesforce", EMPTIED, "pipeline_value", "month",
        {"2024-12": 1000, "2025-03": 500, "2025-04": 500, "2025-05": 500, "2025-06": 500},
    ),
    "a new amount does not lengthen the stay in a stage": (
        "salesforce", RESIZED, "stage_duration", "total", {"total": 10},
    ),
    "a deal is not in the pipeline while it is lost": (
        "pipedrive", REOPENED, "pipeline_value", "month",
        dict.fromkeys(("2024-11", *(f"2025-0{number}" for number in range(2, 7))), 1000),
    ),
    "a deal does not stand in its stage while it is lost": (
        "pipedrive", REOPENED, "stage_duration", "total", {"total": 31 + 122},
    ),
    "a deal that is opened and lost in one moment came to the stage it was opened in": (
        "pipedrive", BRIEFLY_OPEN, "deals_that_came_so_far", "total", {"total": 4},
    ),
    "a deleted stage of Salesforce keeps the name and the place that the history tells": (
        "salesforce", STAGE_GONE, "stage_duration", "stage",
        {"Lead in": 4, "Demo": 170, "Proposal": 16},
    ),
    "an archived opportunity does not stand in its stage": (
        "odoo", REOPENED, "stage_duration", "total", {"total": 31 + 122},
    ),
    "what was tracked of a merged opportunity is no history of the survivor": (
        "odoo", MERGED, "stage_duration", "total", {"total": 17},
    ),
    "an opportunity that never moved has been in its stage from the beginning": (
        "odoo", UNMOVED, "deals_that_came_so_far", "total", {"total": 3},
    ),
}  # fmt: skip


@by_turns(2)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("promise", FOUND)
def test_what_random_histories_found_stays_mended(promise: str, mode: str) -> None:
    vendor, events, name, cut, wanted = FOUND[promise]
    bench = BENCHES[vendor]
    bench.product.load(bench.write(World(events, bench.habits)))
    questions = [question for question in QUESTIONS if question.name == name]
    found = bench.product.answers(mode, questions)[name, cut]
    assert {key: float(value or 0) for key, value in found.items()} == pytest.approx(wanted)
