"""Survey KPIs agree with a separate implementation, on random surveys, on both engines."""

from __future__ import annotations

import pytest

from tests.canonical import canonical
from tests.oracles import survey_responses as oracle
from tests.oracles.compare import assert_same, values


@pytest.mark.parametrize(
    ("kind", "seed", "high_means"),
    [("duckdb", 1, "effort"), ("duckdb", 2, "ease"), ("postgres", 3, "effort")],
)
def test_survey_kpis_agree_with_the_oracle_in_every_world(kind, seed, high_means):
    frames = oracle.random_surveys(seed)
    settings = {"ces_high_means": high_means}
    db = canonical(kind, frames, today=oracle.TODAY, settings=settings)
    found = values(db, ("csat", "nps", "ces"), by="account_name")
    rows = frames["survey_response"].astype({"contact_id": object}).to_dict("records")
    worlds = {row["account_id"] for row in rows}
    assert set(found) == worlds
    nothing = 0
    for world in worlds:
        expected = oracle.kpis([r for r in rows if r["account_id"] == world], high_means)
        for kpi, value in expected.items():
            nothing += value is None
            assert_same(found[world][kpi], value, f"{kpi} of {world}")
    assert 0 < nothing < 3 * len(worlds)
