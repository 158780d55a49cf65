"""The generated fact `kpi_scorecard`: one row per KPI and period, from the KPIs' own definitions.

Periods are the complete months, quarters and years of the calendar; a KPI's time column decides in
which it falls. Of a level (`over_time: last`), and of a rate on a fact with several kinds of
period, a quarter or year takes its last month. `scorecard: {period: running}` takes the running
month (what is due in it), `period: now` the present (facts that know only today): one row each.
Beside the value stand the period before, the same period of the year before, target, status by the
thresholds, owner, review and the action decided beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile, packaged, parse_sql
from superset_crmkpi.catalogue.by_period import rule_of, values_of, with_first
from superset_crmkpi.catalogue.definitions import Catalog, Fact, FactMeta, Kpi, ScorecardRule
from superset_crmkpi.catalogue.display import role_name
from superset_crmkpi.catalogue.spoken import with_fact
from superset_crmkpi.language.language import ENGLISH, Language
from superset_crmkpi.language.numbers import Numbers
from superset_crmkpi.query.compose import union

NAME = "kpi_scorecard"
#: complete periods that are shown; as many of a year more are read, for the year before
PERIODS = {"month": (13, 12), "quarter": (8, 4), "year": (3, 1)}


@dataclass(frozen=True)
class Governance:
    """What a profile says beside the catalogue: all by KPI, owners by role.

    `scorecard` names the KPIs on it; None takes those whose file has a `scorecard` rule.
    """

    targets: Mapping[str, float]
    owners: Mapping[str, str]
    #: its symbol
    currency: str = "€"
    scorecard: Sequence[str] | None = None


def with_scorecard(catalog: Catalog, governance: Governance, available: Sequence[str]) -> Catalog:
    """The catalogue with the scorecard fact over the chosen KPIs that are `available`."""
    chosen = governance.scorecard
    kpis = [
        kpi
        for kpi in (catalog.kpis[name] for name in available)
        if (kpi.name in chosen if chosen is not None else kpi.meta.scorecard is not None)
    ]
    if not kpis:
        return catalog
    final = packaged("scorecard", NAME)
    file = SqlFile(Path(f"scorecard/{NAME}.sql"), {}, _sql(catalog, kpis, governance), 1)
    return with_fact(catalog, Fact(NAME, FactMeta.model_validate(final.document), file))


def _values(kpi: Kpi, rule: ScorecardRule) -> exp.Expression:
    over_time = kpi.meta.over_time
    rate_of_a_kind = bool(rule.where) and over_time == "ratio"
    return values_of(kpi, rule, last_month=over_time == "last" or rate_of_a_kind)


def _sql(catalog: Catalog, kpis: Sequence[Kpi], governance: Governance) -> str:
    """The fact in the canonical dialect."""
    values = union([_values(kpi, rule_of(catalog.facts, kpi)) for kpi in kpis])
    governed = union([_governed(kpi, governance, catalog.language) for kpi in kpis])
    numbers = Numbers(governance.currency, catalog.language)
    text = partial(_text, kpis=kpis, numbers=numbers)
    query = packaged("scorecard", NAME).filled(
        **{f"{kind}s": exp.Literal.number(shown) for kind, (shown, _) in PERIODS.items()},
        now_text=text("value", "c"),
        before_text=text("previous", "c"),
        year_ago_text=text("last_year", "c"),
        target_text=text("target", "g"),
    )
    return with_first(query, {"days": _days(), "period_values": values, "governed": governed})


def _text(column: str, table: str, kpis: Sequence[Kpi], numbers: Numbers) -> exp.Expression:
    """The number in a column as people write it in its unit, which differs from row to row."""
    units: dict[str, list[str]] = {}
    for unit in sorted({kpi.meta.unit for kpi in kpis}):
        units.setdefault(numbers.text_of(unit, f"{table}.{column}"), []).append(unit)
    written = exp.case()
    for sql, of in units.items():
        written = written.when(exp.column("unit", "g").isin(*of), parse_sql(sql, f"{NAME}: text"))
    return written


def _days() -> exp.Query:
    """Every day with each complete period it lies in, and whether in its last month."""
    read = {f"{kind}s": exp.Literal.number(sum(periods)) for kind, periods in PERIODS.items()}
    return packaged("scorecard", "days").filled(**read)


def _governed(kpi: Kpi, governance: Governance, language: Language) -> exp.Expression:
    meta = kpi.meta
    levels = meta.thresholds
    literals: dict[str, Any] = {
        "kpi_id": kpi.name,
        "kpi": meta.label,
        "area": kpi.area,
        "unit": meta.unit,
        "sign": 1 if meta.good == "up" else -1,
        "target": governance.targets.get(kpi.name),
        "warn": levels.warn if levels else None,
        "act": levels.act if levels else None,
        "owner": owners_of(kpi, governance, language),
        "levels_of": levels.of if levels else "value",
        "review": language.say(meta.review),
        "cadence": meta.review.split()[0],
        "action": meta.action,
    }
    columns = [
        exp.alias_(
            exp.cast(exp.convert(value), "double") if name in _NUMBERS else exp.convert(value), name
        )
        for name, value in literals.items()
    ]
    return exp.select(*columns)


def owners_of(kpi: Kpi, governance: Governance, language: Language = ENGLISH) -> str:
    """Who answers for a KPI: by name where the profile has one, else by the role."""
    names = (governance.owners.get(role) or language.say(role_name(role)) for role in kpi.owners)
    return ", ".join(names)


_NUMBERS = {"target", "warn", "act"}
