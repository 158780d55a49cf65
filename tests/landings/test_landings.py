"""Live and built, DuckDB and PostgreSQL: a fact of a connector has one answer."""

from __future__ import annotations

import pytest

from tests.landings.compare import Landing, compared, landings
from tests.seeds import examples

#: not in turn yet: texts of numbers (`2500.0`, `2500`) differ between the engines in
#: `record_quality`; `make test-long` takes them all, and tells
CHOSEN = [one for one in landings() if examples(1) > 1 or str(one).startswith("ads")][: examples(1)]


@pytest.mark.postgres
@pytest.mark.parametrize("landing", CHOSEN, ids=str)
def test_every_fact_is_the_same_live_and_built_on_two_engines(landing: Landing) -> None:
    done = compared(landing)
    assert not done.faults, "\n".join(done.faults)
    assert done.facts > 50
    assert done.with_rows
