"""The generated fact `kpi_alerts`: one row per KPI that an alert watches, on its scorecard.

Its `alert` is never null: 0 is fine, 1 past `warn`, 2 past `act`, 3 not known, 4 without rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile, packaged
from superset_crmkpi.catalogue.by_period import with_first
from superset_crmkpi.catalogue.definitions import Catalog, Fact, FactMeta, Kpi
from superset_crmkpi.catalogue.display import thresholds_text
from superset_crmkpi.catalogue.scorecard import Governance, owners_of, with_scorecard
from superset_crmkpi.catalogue.spoken import with_fact
from superset_crmkpi.language.language import Language
from superset_crmkpi.query.compose import union

NAME = "kpi_alerts"
#: the numbers of `alert`
WARN, ACT, NOT_KNOWN, NO_ROWS = 1, 2, 3, 4


def with_alerts(
    catalog: Catalog, governance: Governance, watched: Sequence[str], name: str = NAME
) -> Catalog:
    """The catalogue with the scorecard of the `watched` KPIs alone, and the fact over it.

    `name` is the fact's. One of all KPIs would be too long for a Superset to parse each time.
    """
    kpis = [catalog.kpis[kpi] for kpi in watched]
    scored = with_scorecard(catalog, replace(governance, scorecard=list(watched)), list(watched))
    file = packaged("alerts", NAME)
    ctes = {
        "watched": union([_watched(kpi, governance, catalog.language) for kpi in kpis]),
        "counted": union([_counted(kpi) for kpi in kpis]),
    }
    sql = with_first(file.query(), ctes)
    meta = FactMeta.model_validate(file.document)
    fact = Fact(name, meta, SqlFile(Path(f"alerts/{NAME}.sql"), {}, sql, 1))
    return with_fact(scored, fact)


def _watched(kpi: Kpi, governance: Governance, language: Language) -> exp.Expression:
    levels = kpi.meta.thresholds
    texts = {
        "kpi_id": kpi.name,
        "kpi": kpi.meta.label,
        "levels_of": levels.of if levels else "value",
        "threshold": thresholds_text(kpi.meta, language),
        "owner": owners_of(kpi, governance, language),
        "action": kpi.meta.action,
    }
    return exp.select(*(exp.alias_(exp.convert(text), name) for name, text in texts.items()))


def _counted(kpi: Kpi) -> exp.Expression:
    name = exp.alias_(exp.Literal.string(kpi.name), "kpi_id")
    return exp.select(name, exp.alias_(exp.Count(this=exp.Star()), "row_count")).from_(kpi.fact)
