"""Live and built, DuckDB and PostgreSQL: a fact of a connector has one answer."""

from __future__ import annotations

import re

import pytest

from tests.landings.compare import Landing, compared, landings
from tests.seeds import in_turn

#: known, and to be mended: a number printed into a text has a `.0` on DuckDB and none on PostgreSQL
PRINTED = re.compile(r"(?:record_quality|kpi_scorecard): .*: '([^']*)' and '([^']*)'")
#: one each day; `make test-long` takes them all
CHOSEN = in_turn(landings())


@pytest.mark.postgres
@pytest.mark.parametrize("landing", CHOSEN, ids=str)
def test_every_fact_is_the_same_live_and_built_on_two_engines(landing: Landing) -> None:
    done = compared(landing)
    faults = [fault for fault in done.faults if not _is_printing(fault)]
    assert not faults, "\n".join(faults)
    assert done.facts > 50
    assert done.with_rows


def _is_printing(fault: str) -> bool:
    found = PRINTED.fullmatch(fault)
    return (
        found is not None and len({re.sub(r"\.0(?!\d)", "", text) for text in found.groups()}) == 1
    )
