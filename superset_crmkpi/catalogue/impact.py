"""The generated fact `crm_impacts`: each reporting KPI six months before and after a marked date.

The date is the setting `crm_change_date` of the profile; without one the fact has no rows. Windows
are whole months: the month of the change is in neither, unless the change is on its first day; of
the months after it, those that are complete. A level is taken at the end of its window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile, packaged
from superset_crmkpi.catalogue.by_period import rule_of, values_of, with_first
from superset_crmkpi.catalogue.definitions import NONE, Fact, FactMeta, Kpi, ScorecardRule
from superset_crmkpi.query.compose import union

NAME = "crm_impacts"


def impact_fact(facts: Mapping[str, Fact], kpis: Sequence[Kpi]) -> Fact:
    """The fact over those of `kpis` that report and have a history."""
    chosen = [
        kpi
        for kpi in kpis
        if kpi.meta.use == "reporting"
        and kpi.meta.time != NONE
        and rule_of(facts, kpi).period == "month"
        and kpi.fact != NAME
    ]
    labels = union([_labelled(kpi) for kpi in chosen])
    values = union([_values(kpi, rule_of(facts, kpi)) for kpi in chosen])
    days, final = packaged("impact", "days").query(), packaged("impact", NAME)
    text = with_first(final.query(), {"days": days, "period_values": values, "labels": labels})
    meta = FactMeta.model_validate(final.document)
    return Fact(NAME, meta, SqlFile(Path(f"impact/{NAME}.sql"), {}, text, 1))


def _values(kpi: Kpi, rule: ScorecardRule) -> exp.Expression:
    return values_of(kpi, rule, last_month=kpi.meta.over_time == "last")


def _labelled(kpi: Kpi) -> exp.Expression:
    literals = {
        "kpi_id": kpi.name,
        "kpi": kpi.meta.label,
        "area": kpi.area,
        "unit": kpi.meta.unit,
        "sign": 1 if kpi.meta.good == "up" else -1,
    }
    return exp.select(*(exp.alias_(exp.convert(v), name) for name, v in literals.items()))
