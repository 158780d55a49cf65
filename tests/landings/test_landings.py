"""Live and built, DuckDB and PostgreSQL: a fact of a connector has one answer."""

from __future__ import annotations

import pytest

from tests.landings.compare import Landing, compared, landings
from tests.seeds import in_turn

#: one each day; `make test-long` takes them all
CHOSEN = in_turn(landings())


@pytest.mark.postgres
@pytest.mark.parametrize("landing", CHOSEN, ids=str)
def test_every_fact_is_the_same_live_and_built_on_two_engines(landing: Landing) -> None:
    done = compared(landing)
    assert not done.faults, "\n".join(done.faults)
    assert done.facts > 50
    assert done.with_rows
