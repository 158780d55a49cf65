"""Live and built, DuckDB and PostgreSQL: a fact of a connector has one answer."""

from __future__ import annotations

import pytest

from tests.landings.compare import Landing, compared, landings
from tests.seeds import turn

ALL = landings()


#: one every other day; `make test-long` takes them all
@turn("landing", [two for one in ALL for two in (one, None)])
@pytest.mark.postgres
@pytest.mark.parametrize("landing", ALL, ids=str)
def test_every_fact_is_the_same_live_and_built_on_two_engines(landing: Landing) -> None:
    done = compared(landing)
    assert not done.faults, "\n".join(done.faults)
    assert done.facts > 50
    assert done.with_rows
