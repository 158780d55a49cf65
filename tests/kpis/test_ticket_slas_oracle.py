"""SLA compliance agrees with a separate implementation, on random SLAs, on both engines."""

from __future__ import annotations

import pytest

from tests.canonical import canonical
from tests.oracles import ticket_slas as oracle
from tests.oracles.compare import assert_same, values


@pytest.mark.parametrize(("kind", "seed"), [("duckdb", 1), ("duckdb", 2), ("postgres", 3)])
def test_sla_compliance_agrees_with_the_oracle_in_every_world(kind, seed):
    frames = oracle.random_slas(seed)
    db = canonical(kind, frames, today=oracle.TODAY)
    found = values(db, ["sla_compliance"], by="channel")
    compared = set()
    for world in sorted(set(frames["ticket"]["channel"])):
        expected = oracle.compliance(frames, world)
        value = found[world]["sla_compliance"] if world in found else None
        assert_same(value, expected, world)
        compared.add(expected is None)
    assert compared == {True, False}
