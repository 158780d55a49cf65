"""Adoption KPIs agree with a separate implementation, on random users, on both engines."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.canonical import canonical
from tests.oracles import user_weeks as oracle
from tests.oracles.compare import assert_same, values

KPIS = ("user_adoption_rate", "login_frequency", "activity_per_user")


@pytest.mark.parametrize(("kind", "seed"), [("duckdb", 1), ("duckdb", 2), ("postgres", 3)])
def test_adoption_kpis_agree_with_the_oracle_in_every_source_and_range(kind, seed):
    frames = oracle.random_users(seed)
    db = canonical(kind, frames, today=oracle.TODAY)
    worlds = set(frames["user"]["source_system"])
    for since in (date(2026, 1, 1), date(2026, 6, 22)):
        found = values(db, KPIS, by="source", where=f"week_date >= date '{since}'")
        for world in worlds:
            row = found.get(world, dict.fromkeys(KPIS))
            for kpi, value in oracle.kpis(frames, world, since).items():
                assert_same(row[kpi], value, f"{kpi} of {world} since {since}")


def test_nothing_logged_of_a_source_is_no_adoption_of_zero() -> None:
    users = pd.DataFrame(
        [{"id": f"{source}{n}", "name": f"{source}{n}", "source_system": source, "is_active": True,
          "created_at": pd.Timestamp("2026-06-01")} for source in ("crm", "desk") for n in (1, 2)]
    )  # fmt: skip
    logins = pd.DataFrame(
        [{"id": "l", "user_id": "crm1", "status": "success",
          "logged_in_at": pd.Timestamp("2026-06-10")}]
    )  # fmt: skip
    db = canonical("duckdb", {"user": users, "user_login": logins}, today=oracle.TODAY)
    found = values(db, KPIS, by="source", where="1 = 1")
    assert set(found) == {"crm"}
    assert (found["crm"]["user_adoption_rate"], found["crm"]["login_frequency"]) == (0.5, 1.0)
    assert found["crm"]["activity_per_user"] is None, "no work is logged of anybody"
    nothing = canonical("duckdb", {"user": users}, today=oracle.TODAY)
    assert [nothing.kpi(name) for name in KPIS] == [None, None, None]
