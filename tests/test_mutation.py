"""The mutation check itself: its mutants, and what it takes for the same."""

from __future__ import annotations

import pandas as pd
import pytest

from superset_crmkpi.catalogue.reader import load_catalog
from tests.matrix.rows import Rows, difference
from tests.matrix.run import same
from tests.mutation.__main__ import ACCEPTED, accepted
from tests.mutation.change import mutants
from tests.seeds import by_turns


def test_the_same_seed_makes_the_same_mutants() -> None:
    file = load_catalog().facts["leads"].file
    assert list(mutants("leads", file, 1)) == list(mutants("leads", file, 1))
    assert {mutant.kind for mutant in mutants("leads", file, 1)} == {
        "comparison", "arguments", "condition"
    }  # fmt: skip


@by_turns(2)
def test_a_mutant_is_not_the_file() -> None:
    catalog = load_catalog()
    for name, fact in catalog.facts.items():
        for mutant in mutants(name, fact.file, 1):
            assert mutant.sql != fact.file.parse().sql("duckdb", pretty=True), name


def test_what_is_accepted_names_a_file_and_a_reason() -> None:
    known = {**load_catalog().facts, **load_catalog().kpis}
    assert ACCEPTED.is_file()
    for entry in accepted():
        assert entry.name in known


@pytest.mark.parametrize(
    ("found", "expected", "is_same"),
    [
        (1.0, 1.0 + 1e-12, True),
        (float("inf"), 0.5, False),
        (None, 0.0, False),
        (None, None, True),
        (0.0, 1e-6, False),
    ],
)
def test_values_are_the_same_to_nine_digits(
    found: float | None, expected: float | None, is_same: bool
) -> None:
    assert same(found, expected) is is_same


def test_rows_differ_by_value_number_and_null() -> None:
    found = pd.DataFrame({"key": ["a", "b", "b"], "amount": [1.0, None, 2.0]})

    def fault(*expected: tuple[str, float | None], **options: tuple[str, ...]) -> str:
        rows = [dict(zip(("key", "amount"), row, strict=True)) for row in expected]
        return difference(Rows("fact", ["key", "amount"], rows, **options), found)  # type: ignore[arg-type]

    assert fault(("b", 2.0), ("a", 1.0), ("b", None)) == ""
    assert "1 lack" in fault(("b", 2.0), ("a", 1.0), ("b", 0.0))
    assert "1 too many" in fault(("b", 2.0), ("a", 1.0))
    assert fault(("a", 1.0), by=("key",)) != ""
    assert fault(("a", 1.0), ("b", 2.0), by=("key",)) == ""
    assert fault(("a", 1.0), key=("key",)) == ""
    assert "1 too many" in fault(("a", 3.0), key=("key",))
    assert "3 rows, none is expected" in fault()
