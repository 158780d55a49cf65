"""Adoption KPIs agree with a separate implementation, on random users, on both engines."""

from __future__ import annotations

from datetime import date

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
