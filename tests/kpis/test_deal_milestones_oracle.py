"""First purchases, proposals, expansion deals: against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.deal_milestones import (
    milestone_kpis,
    net_new_revenue,
    proposal_rate,
    random_deals,
    reached_proposal,
)
from tests.oracles.sales_frames import ENTITIES
from tests.oracles.workbench import Workbench

SEEDS = {"duckdb": range(14), "postgres": (100, 101, 102)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_every_kpi_and_every_deal_equal_the_oracle_on_random_deals(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_deals(seed)
        bench.fill(frames)
        for name, value in milestone_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)
        since = date(2025, 9, 1)
        found = bench.kpi("proposal_rate", f"created_date >= date '{since}'")
        assert found == pytest.approx(proposal_rate(frames, since)), seed
        found = bench.kpi("net_new_revenue", f"closed_date >= date '{since}'")
        assert found == pytest.approx(net_new_revenue(frames, since)), seed
        rows = bench.fact("opportunities").set_index("opportunity_id")
        for name, wanted in reached_proposal(frames).items():
            row = rows.loc[name, ["is_with_proposal_stage", "is_past_proposal"]]
            assert list(row) == [wanted is not None, wanted is True], (seed, name)


STAGES = [("s1", "Demo"), ("s2", "Proposal"), ("s3", "Negotiation")]


def deal(key: str, stage: str, status: str = "open", **more: Any) -> dict[str, Any]:
    closed = None if status == "open" else pd.Timestamp("2026-06-10")
    return {"id": key, "name": key, "stage_id": stage, "status": status, "amount": 100.0,
            "account_id": key, "created_at": pd.Timestamp("2026-05-01"),
            "closed_at": closed} | more  # fmt: skip


def stages(*retired: str) -> pd.DataFrame:
    steps = [
        {"id": key, "pipeline_id": "p", "name": name, "display_order": place, "is_closed": False,
         "is_won": False, "is_active": key not in retired}
        for place, (key, name) in enumerate(STAGES)
    ]  # fmt: skip
    ends = [
        {"id": key, "pipeline_id": "p", "name": key, "display_order": place, "is_closed": True,
         "is_won": key == "won", "is_active": True}
        for place, key in ((8, "won"), (9, "lost"))
    ]  # fmt: skip
    other = {"id": "x", "pipeline_id": "q", "name": "Talk", "display_order": 1, "is_closed": False,
             "is_won": False, "is_active": True}  # fmt: skip
    return pd.DataFrame([*steps, *ends, other])


def path(opportunity: str, *names: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{opportunity}{n}", "opportunity_id": opportunity, "stage_id": name,
         "field": "stage", "changed_at": pd.Timestamp("2026-05-01") + pd.Timedelta(days=n)}
        for n, name in enumerate(names)
    ]  # fmt: skip


def fill(
    bench: Workbench, *deals: dict[str, Any], history: Any = (), retired: tuple[str, ...] = ()
) -> None:
    frames = {"opportunity": pd.DataFrame(list(deals)), "stage": stages(*retired)}
    bench.fill(frames | {"opportunity_history": pd.DataFrame(list(history))})


def test_a_deal_past_the_proposal_reached_it_with_history_and_without(bench: Workbench) -> None:
    fill(bench, deal("a", "s3"), deal("b", "s1"))
    assert bench.kpi("proposal_rate") == 0.5
    fill(bench, deal("a", "s3"), deal("b", "s1"), history=path("a", "s1", "s3"))
    assert bench.kpi("proposal_rate") == 0.5


def test_a_deal_that_went_back_has_reached_it_all_the_same(bench: Workbench) -> None:
    fill(bench, deal("a", "s1"), deal("b", "lost", "lost"), history=path("a", "s1", "s2", "s1"))
    assert bench.kpi("proposal_rate") == 0.5


def test_a_deal_past_a_retired_proposal_stage_reached_it(bench: Workbench) -> None:
    moved = path("a", "s1", "s3", "lost")
    fill(bench, deal("a", "lost", "lost"), deal("b", "s1"), history=moved, retired=("s2",))
    assert bench.kpi("proposal_rate") == 0.5


def test_a_lost_deal_is_judged_by_where_it_stood_not_by_where_it_ended(bench: Workbench) -> None:
    moved = path("a", "s1", "lost")
    fill(bench, deal("a", "lost", "lost"), deal("b", "won", "won"), history=moved)
    assert bench.kpi("proposal_rate") == 0.5


def test_a_pipeline_without_a_proposal_stage_is_in_neither_side(bench: Workbench) -> None:
    fill(bench, deal("a", "x"), deal("w", "x", "won"))
    assert bench.kpi("proposal_rate") is None
    fill(bench, deal("a", "x"), deal("b", "s2"))
    assert bench.kpi("proposal_rate") == 1.0


def test_the_first_year_counts_of_a_subscription_and_the_amount_of_a_sale(bench: Workbench) -> None:
    fill(bench, deal("a", "won", "won", arr_amount=40.0), deal("b", "won", "won"))
    assert bench.kpi("net_new_revenue") == 140
    fill(bench, deal("a", "won", "won", arr_amount=0.0))
    assert bench.kpi("net_new_revenue") == 100, "no recurring part"


def test_only_what_an_account_bought_on_its_first_day_is_new(bench: Workbench) -> None:
    late = {"account_id": "a", "closed_at": pd.Timestamp("2026-06-11")}
    fill(
        bench, deal("a", "won", "won"), deal("b", "won", "won", account_id="a", amount=7.0),
        deal("c", "won", "won", **late), deal("d", "won", "won", opportunity_type="expansion"),
        deal("e", "won", "won", opportunity_type="renewal"), deal("f", "lost", "lost"),
    )  # fmt: skip
    assert bench.kpi("net_new_revenue") == 107


def test_a_won_deal_without_an_account_is_a_new_customer(bench: Workbench) -> None:
    fill(bench, deal("a", "won", "won", account_id=None), deal("b", "won", "won", account_id=None))
    assert bench.kpi("net_new_revenue") == 200


def test_expansion_is_won_of_closed_and_of_expansion_deals_only(bench: Workbench) -> None:
    kind = {"opportunity_type": "expansion"}
    fill(
        bench, deal("a", "won", "won", **kind), deal("b", "lost", "lost", **kind),
        deal("c", "s1", **kind), deal("d", "won", "won", opportunity_type="renewal"),
        deal("e", "won", "won", opportunity_type=None),
    )  # fmt: skip
    assert bench.kpi("expansion_conversion") == 0.5
    fill(bench, deal("c", "s1", **kind), deal("d", "won", "won"))
    assert bench.kpi("expansion_conversion") is None


def test_no_deals_give_nothing(bench: Workbench) -> None:
    bench.fill({})
    for name in ("proposal_rate", "net_new_revenue", "expansion_conversion"):
        assert bench.kpi(name) is None, name
