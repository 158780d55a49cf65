"""Not known is never shown as nought: what is missing is told, or makes no difference."""

from __future__ import annotations

import pytest

from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from tests.matrix.case import Case
from tests.matrix.cases import CASES
from tests.missing_columns import is_default, losses, right
from tests.seeds import within

#: its query reads all others, which are looked at one by one; a quarter of them a day
LOOKED_AT = [case for case in CASES if case.name != "impact"]


def is_never_null(named: str) -> bool:
    entity, column = named.split(".")
    return not load_model()[entity].columns[column].nullable


def needs(kpi: Kpi) -> set[str]:
    stated = [*load_catalog().facts[kpi.fact].meta.needs, *kpi.meta.needs]
    return {one for need in stated for one in need.split(" | ")}


@pytest.mark.parametrize("case", within(6, LOOKED_AT), ids=lambda case: case.name)
def test_a_column_without_a_value_makes_no_kpi_nought_or_whole(case: Case) -> None:
    kpis = load_catalog().kpis
    wrong = [
        str(loss)
        for loss in losses(case)
        if loss.after is not None
        and loss.is_changed
        and is_default(kpis[loss.kpi], loss.after)
        and loss.column not in right().get(loss.kpi, {})
        # one that is never null is missing only where nobody maps it, and then a text says so
        and not (is_never_null(loss.column) and loss.column in needs(kpis[loss.kpi]))
    ]
    assert not wrong, "\n".join(wrong)


def test_each_exception_names_a_kpi_and_a_column_and_says_why() -> None:
    kpis, model = load_catalog().kpis, load_model()
    for kpi, columns in right().items():
        assert kpi in kpis
        for named, why in columns.items():
            entity, column = named.split(".")
            assert column in model[entity].columns, named
            assert len(why) > 20, named
