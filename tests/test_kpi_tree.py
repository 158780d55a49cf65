"""The KPI tree: each KPI once, worst first in its branch, with the scorecard's status or a reason.

Compared with pandas over the scorecard and the catalogue.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import NAME as SCORECARD
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.catalogue.tree import NAME, branch_of, with_tree
from tests.canonical import Canonical, canonical
from tests.seeds import seed
from tests.test_scorecard import deals

TARGETS = {"win_rate": 0.24, "average_deal_size": 250.0, "lost_deals": 1.0, "deals_won": 1.0}
WORST_FIRST = ("act", "watch", "below target", "on track", "no target", "not on the scorecard")
NEED = "Connect a helpdesk."


def why_not(kpi: Kpi) -> str:
    return NEED if kpi.fact.startswith("ticket") else ""


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> Canonical:
    catalog = load_catalog()
    sales = [name for name, kpi in catalog.kpis.items() if kpi.fact == "opportunities"]
    targets = {name: value for name, value in TARGETS.items() if name in catalog.kpis}
    scored = with_scorecard(catalog, Governance(targets, {}, scorecard=sales), sales)
    tree = with_tree(scored, {"win_rate": "/superset/dashboard/crm-pipeline/"}, why_not)
    some = deals().sample(n=9, random_state=seed() % 1000)
    return canonical(request.param, {"opportunity": some}, catalog=tree)


def expected(bench: Canonical) -> pd.DataFrame:
    card = bench.fact(SCORECARD)
    card = card[(card["is_latest"] == 1) & card["period_type"].isin(["month", "running", "now"])]
    of_card = dict(zip(card["kpi_id"], card["status"], strict=True))
    leaves = pd.DataFrame(
        {
            "area": branch_of(kpi),
            "kpi_id": name,
            "kpi": kpi.meta.label,
            "status": "no data" if why_not(kpi) else of_card.get(name, WORST_FIRST[-1]),
            "reason": why_not(kpi),
        }
        for name, kpi in load_catalog().kpis.items()
    )
    ranks = {status: rank for rank, status in enumerate(WORST_FIRST)}
    leaves["rank"] = leaves["status"].map(ranks).fillna(len(ranks))
    leaves = leaves.sort_values(["area", "rank", "kpi", "kpi_id"], ignore_index=True)
    leaves["place"] = leaves.groupby("area").cumcount() + 1
    return leaves


def test_each_kpi_is_a_leaf_of_its_branch_worst_first(bench: Canonical) -> None:
    columns = ["area", "place", "kpi_id", "status", "reason"]
    found = bench.fact(NAME).astype({"place": int})
    pd.testing.assert_frame_equal(
        found[columns].sort_values(["area", "place"], ignore_index=True),
        expected(bench)[columns].sort_values(["area", "place"], ignore_index=True),
        check_dtype=False,
    )
    assert found["status"].nunique() > 2
    stands = found.set_index("kpi_id")["address"]
    assert stands["win_rate"] == "/superset/dashboard/crm-pipeline/"
    assert (stands.drop("win_rate") == "").all()


def test_a_sentence_says_how_many_have_a_number_and_how_many_need_somebody(
    bench: Canonical,
) -> None:
    counts = Counter(expected(bench)["status"])
    every = sum(counts.values())
    measure = bench.compiler.catalog.facts[NAME].measure("state").sql
    sql = bench.compiler.measure(NAME, measure)
    frame = bench.sql(f"select {sql} as said from ({bench.compiler.fact(NAME)}) as t")
    assert frame["said"].tolist() == [
        f"{every - counts['no data']} of {every} KPIs can be computed. On the scorecard: "
        f"■ {counts['act']} to act on, ▲ {counts['watch']} to watch, "
        f"▼ {counts['below target']} below target, ● {counts['on track']} on track"
    ]
