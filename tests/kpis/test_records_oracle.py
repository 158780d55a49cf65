"""Data-trust KPIs agree with a separate implementation, on random records, on both engines."""

from __future__ import annotations

import pytest

from tests.canonical import canonical
from tests.oracles import records as oracle
from tests.oracles.compare import assert_same, values


@pytest.mark.parametrize(("kind", "seed"), [("duckdb", 1), ("duckdb", 2), ("postgres", 3)])
def test_trust_kpis_agree_with_the_oracle_in_every_source(kind, seed):
    frames = oracle.random_records(seed)
    db = canonical(kind, frames, today=oracle.TODAY)
    found = values(db, ("duplicate_rate", "outdated_contacts", "ownerless_records"), by="source")
    for world, row in values(db, ("data_completeness", "data_accuracy"), by="source").items():
        found[world].update(row)
    assert set(found) == {row["source_system"] for _, row in oracle.scope(frames)}
    for world, row in found.items():
        for kpi, value in oracle.kpis(frames, world).items():
            assert_same(row[kpi], value, f"{kpi} of {world}")
