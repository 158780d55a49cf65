"""The generated fact `kpi_tree`: every KPI as a leaf of its branch, with its status.

The status is the scorecard's. A KPI that is not on it has none; one that cannot be computed has the
reason in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile, packaged
from superset_crmkpi.catalogue.by_period import with_first
from superset_crmkpi.catalogue.definitions import AREAS, Catalog, Fact, FactMeta, Kpi
from superset_crmkpi.catalogue.scorecard import NAME as SCORECARD
from superset_crmkpi.catalogue.spoken import with_fact
from superset_crmkpi.query.compose import union

NAME = "kpi_tree"
PREDICTION = "prediction"
#: the branches, as they stand side by side: what predicts a KPI stands beside it
BRANCHES = tuple(area for area in AREAS if area != PREDICTION)
_BRANCH_OF_JOURNEY = {"qualification": "acquisition", "sale": "conversion"}


def with_tree(
    catalog: Catalog, addresses: Mapping[str, str], why_not: Callable[[Kpi], str]
) -> Catalog:
    """The catalogue with the tree over its KPIs; without a scorecard there is none.

    `addresses`: where a KPI stands, as a link from another dashboard.
    """
    if SCORECARD not in catalog.facts:
        return catalog
    say, kpis = catalog.language.say, catalog.kpis.values()
    leaves = union([_leaf(kpi, addresses, say(why_not(kpi))) for kpi in kpis])
    final = packaged("scorecard", NAME)
    query = with_first(final.query(), {"leaves": leaves})
    fact = Fact(
        NAME,
        FactMeta.model_validate(final.document),
        SqlFile(Path(f"scorecard/{NAME}.sql"), {}, query, 1),
    )
    return with_fact(catalog, fact)


def branch_of(kpi: Kpi) -> str:
    if kpi.area != PREDICTION:
        return kpi.area
    branch = _BRANCH_OF_JOURNEY.get(kpi.meta.journey, kpi.meta.journey)
    return branch if branch in BRANCHES else "operations"


def _leaf(kpi: Kpi, addresses: Mapping[str, str], reason: str) -> exp.Expression:
    values = {
        "area": branch_of(kpi),
        "kpi_id": kpi.name,
        "kpi": kpi.meta.label,
        "reason": reason,
        "address": addresses.get(kpi.name, ""),
    }
    return exp.select(*(exp.alias_(exp.convert(text), name) for name, text in values.items()))
