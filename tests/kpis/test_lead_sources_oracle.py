"""Lead sources: what they brought and cost, against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.oracles.lead_sources import by_source, lead_source_kpis, spend_parts
from tests.oracles.lead_sources import report as expected_report
from tests.oracles.marketing_frames import marketing_frames
from tests.oracles.reports import report
from tests.oracles.workbench import Workbench

KPI = "lead_source_performance"
ENTITIES = (
    "user", "team", "account", "campaign", "lead", "opportunity", "activity", "marketing_spend",
)  # fmt: skip
SEEDS = {"duckdb": range(14), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def lead(key: str, source: str | None, day: str, **more: object) -> dict[str, object]:
    created = pd.Timestamp(day)
    return {"id": key, "status": "open", "lead_source": source, "created_at": created} | more


def spend(key: str, day: str, amount: float, campaign: str | None) -> dict[str, object]:
    return {
        "id": key, "spend_date": date.fromisoformat(day), "spend": amount,
        "platform": "google_ads", "campaign_id": campaign,
    }  # fmt: skip


def spent(bench: Workbench) -> dict[str, float]:
    """Source -> spend, of sources with any."""
    found = report(bench, KPI, by="lead_source")
    return {source: row["source_spend"] for source, row in found.items() if row["source_spend"]}


def test_every_source_equals_the_oracle_on_random_leads_and_spend(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = marketing_frames(seed)
        bench.fill(frames)
        expected = by_source(frames)
        found = report(bench, KPI, by="lead_source")
        assert set(found) == set(expected), seed
        for source, row in found.items():
            for name, value in expected_report([expected[source]]).items():
                known = row[name]
                if name == "source_revenue" and not expected[source]["leads"]:
                    assert known is None, seed
                elif name == "source_spend" or (name == "source_cac" and value == 0):
                    assert (known or 0.0) == pytest.approx(value), (seed, source, name)
                else:
                    assert known == pytest.approx(value), (seed, source, name)
        for name, value in lead_source_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)


def test_the_parts_of_the_spend_add_up_to_all_of_it(bench: Workbench) -> None:
    for seed in (0, 5, 9):
        frames = marketing_frames(seed)
        bench.fill(frames)
        whole = frames["marketing_spend"]["spend"].sum() if len(frames["marketing_spend"]) else 0
        got = bench.fact("lead_sources")["spend_amount"].astype(float).sum()
        assert got == pytest.approx(whole), seed
        assert sum(amount for _, amount in spend_parts(frames)) == pytest.approx(whole), seed


def test_one_row_per_lead_whatever_was_spent(bench: Workbench) -> None:
    for seed in (3, 4, 8):
        frames = marketing_frames(seed)
        bench.fill(frames)
        assert bench.fact("lead_sources")["is_lead"].sum() == len(frames["lead"]), seed


def test_an_unknown_source_is_its_own_row(bench: Workbench) -> None:
    bench.fill({"lead": pd.DataFrame([
        lead("a", None, "2026-05-03"), lead("b", "web", "2026-05-03"),
        lead("c", None, "2026-05-03"),
    ])})  # fmt: skip
    found = report(bench, KPI, by="lead_source")
    assert {source: row["source_leads"] for source, row in found.items()} == {"(none)": 2, "web": 1}
    assert found["(none)"][KPI] == 0.0  # they brought nothing: that is known


def test_a_campaigns_spend_follows_the_sources_of_its_leads_of_the_month(bench: Workbench) -> None:
    bench.fill({
        "campaign": pd.DataFrame([{"id": "g", "name": "Fair"}]),
        "lead": pd.DataFrame([
            lead("a", "web", "2026-05-01", campaign_id="g"),
            lead("b", "web", "2026-05-31", campaign_id="g"),
            lead("c", "event", "2026-05-10", campaign_id="g"),
            lead("d", "event", "2026-04-30", campaign_id="g"),  # of another month
            lead("e", "referral", "2026-05-10", campaign_id="other"),
        ]),
        "marketing_spend": pd.DataFrame([spend("m", "2026-05-20", 90.0, "g")]),
    })  # fmt: skip
    assert spent(bench) == pytest.approx({"web": 60.0, "event": 30.0})


def test_without_leads_in_the_month_all_leads_of_the_campaign_decide(bench: Workbench) -> None:
    bench.fill({
        "lead": pd.DataFrame([
            lead("a", "web", "2026-02-01", campaign_id="g"),
            lead("b", "event", "2026-03-01", campaign_id="g"),
            lead("c", "event", "2026-03-02", campaign_id="g"),
            lead("d", "event", "2026-03-02", campaign_id="g", created_at=None),
        ]),
        "marketing_spend": pd.DataFrame([spend("m", "2026-05-20", 80.0, "g")]),
    })  # fmt: skip
    assert spent(bench) == pytest.approx({"web": 20.0, "event": 60.0})


def test_spend_that_belongs_to_no_lead_is_in_the_row_of_no_source(bench: Workbench) -> None:
    bench.fill({
        "lead": pd.DataFrame([lead("a", "web", "2026-05-01", campaign_id="g")]),
        "marketing_spend": pd.DataFrame([
            spend("m", "2026-05-20", 70.0, None), spend("n", "2026-05-20", 5.0, "without leads"),
        ]),
    })  # fmt: skip
    assert spent(bench) == {"(none)": 75.0}
    found = report(bench, KPI, by="lead_source")["(none)"]
    assert (found[KPI], found["source_qualified_rate"], found["source_cac"]) == (None, None, None)


def test_spend_without_leads_at_all_gives_no_revenue_per_lead(bench: Workbench) -> None:
    bench.fill({"marketing_spend": pd.DataFrame([spend("m", "2026-05-20", 70.0, "g")])})
    assert bench.kpi(KPI) is None


def test_revenue_counts_on_the_day_of_the_lead_and_spend_on_its_own(bench: Workbench) -> None:
    won = {"id": "o", "name": "O", "stage_id": "s", "status": "won", "amount": 500.0}
    bench.fill({
        "lead": pd.DataFrame([lead("a", "web", "2026-04-01", converted_opportunity_id="o")]),
        "opportunity": pd.DataFrame([won | {"closed_at": pd.Timestamp("2026-06-02")}]),
        "marketing_spend": pd.DataFrame([spend("m", "2026-05-20", 70.0, None)]),
    })  # fmt: skip
    april = report(bench, KPI, where="period_date < date '2026-05-01'")["all"]
    assert (april[KPI], april["source_spend"], april["source_customer_rate"]) == (500.0, None, 1.0)


def test_nothing_at_all_gives_nothing(bench: Workbench) -> None:
    bench.fill({})
    assert set(report(bench, KPI)["all"].values()) == {None}
