"""The generated fact `kpi_scorecard`: one row per KPI, from the very definitions of the KPIs.

A KPI takes part when its front matter says how (`scorecard:`): `period: month` compares complete
months by the KPI's time column, `period: running` takes the running month (what is due in it), and
`period: now` the present (facts that know only today). The value is that of the last complete
month; beside it the month before, the same month a year ago, target, status by the thresholds,
owner, review and the action decided beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from superset_crmkpi.catalog import Catalog, Fact, FactMeta, Kpi, Thresholds
from superset_crmkpi.sqlfile import SqlFile

NAME = "kpi_scorecard"
MONTHS = 13


@dataclass(frozen=True)
class Governance:
    """What a profile says beside the catalogue: all by KPI, owners by role."""

    targets: Mapping[str, float]
    thresholds: Mapping[str, Thresholds]
    owners: Mapping[str, str]
    currency: str = "EUR"


def with_scorecard(catalog: Catalog, governance: Governance, available: Sequence[str]) -> Catalog:
    """The catalogue with the scorecard fact over the KPIs of `available` that take part."""
    kpis = [catalog.kpis[n] for n in available if catalog.kpis[n].meta.scorecard is not None]
    if not kpis:
        return catalog
    file = SqlFile(Path(f"{NAME}.sql"), {}, _sql(kpis, governance), 1)
    meta = FactMeta.model_validate(
        {
            "label": "KPI scorecard",
            "grain": "one row per KPI, last complete month",
            "time": "as_of_date",
            "needs": [],
            "dimensions": {"area": "Branch", "kpi": "KPI", "status": "Status", "owner": "Owner"},
            "columns": _LABELS,
        }
    )
    return Catalog({**catalog.facts, NAME: Fact(NAME, meta, file)}, catalog.kpis)


_LABELS = {
    "unit": "Unit",
    "value": "Value",
    "previous": "Value of the month before",
    "last_year": "Value a year ago",
    "change": "Change",
    "target": "Target value",
    "off_target": "Off target",
    "now_text": "Now",
    "before_text": "Month before",
    "year_ago_text": "A year ago",
    "target_text": "Target",
    "review": "Next review",
    "action": "When it gets worse",
}


def _sql(kpis: Sequence[Kpi], governance: Governance) -> str:
    """The fact in the canonical dialect."""
    values = _union([_values(kpi) for kpi in kpis])
    governed = _union([_governed(kpi, governance) for kpi in kpis])
    shown = {
        "NOW_TEXT": "c.value",
        "BEFORE_TEXT": "c.previous",
        "YEAR_AGO_TEXT": "c.last_year",
        "TARGET_TEXT": "g.target",
    }
    text = _FINAL
    for place, column in shown.items():
        text = text.replace(place, _TEXT.format(x=column))
    final = sqlglot.parse_one(text, dialect="duckdb")
    assert isinstance(final, exp.Query)
    query = final.with_("periods", as_=values).with_("governed", as_=governed)
    ordered = query.args.get("with_") or query.args["with"]
    # the steps of the final query read the two that were just added
    ctes = ordered.expressions
    ordered.set("expressions", [*ctes[-2:], *ctes[:-2]])
    return query.sql(dialect="duckdb", pretty=True)


def _values(kpi: Kpi) -> exp.Expression:
    """kpi, months_ago, value."""
    assert kpi.meta.scorecard is not None
    value = kpi.expression
    for read in value.find_all(exp.Column):
        read.set("table", exp.to_identifier("f"))
    period = kpi.meta.scorecard.period
    compared = period == "month"
    query = exp.select(
        exp.alias_(exp.Literal.string(kpi.name), "kpi"),
        exp.alias_(
            exp.column("months_ago", "d") if compared else exp.Literal.number(1), "months_ago"
        ),
        exp.alias_(value, "value"),
    ).from_(f"{kpi.fact} as f")
    if period != "now":
        days = exp.select("date_day", "months_ago").from_("calendar")
        days = days.where(f"months_ago between 1 and {MONTHS}" if compared else "months_ago = 0")
        query = query.join(days.subquery("d"), on=f"d.date_day = f.{kpi.meta.time}")
    if compared:
        query = query.group_by("d.months_ago")
    for column, chosen in kpi.meta.scorecard.where.items():
        query = query.where(
            exp.EQ(this=exp.column(column, "f"), expression=exp.Literal.string(chosen))
        )
    return query


def _governed(kpi: Kpi, governance: Governance) -> exp.Expression:
    meta = kpi.meta
    levels = governance.thresholds.get(kpi.name) or meta.thresholds
    owners = [governance.owners.get(role, role.replace("_", " ")) for role in kpi.owners]
    literals: dict[str, Any] = {
        "kpi_id": kpi.name,
        "kpi": meta.label,
        "area": kpi.area,
        "unit": meta.unit,
        "currency": governance.currency,
        "sign": 1 if meta.good == "up" else -1,
        "target": governance.targets.get(kpi.name),
        "warn": levels.warn if levels else None,
        "act": levels.act if levels else None,
        "owner": ", ".join(owners),
        "review": meta.review,
        "action": meta.action,
    }
    columns = [
        exp.alias_(
            exp.cast(exp.convert(value), "double") if name in _NUMBERS else exp.convert(value), name
        )
        for name, value in literals.items()
    ]
    return exp.select(*columns)


_NUMBERS = {"target", "warn", "act"}


def _union(selects: Sequence[exp.Expression]) -> exp.Expression:
    query = selects[0]
    for select in selects[1:]:
        query = exp.union(query, select, distinct=False)
    return query


#: a number as people write it in its unit (the units differ from row to row)
_TEXT = """
  case
    when g.unit = 'percent' then cast(floor({x} * 1000 + 0.5) / 10.0 as varchar) || ' %'
    when g.unit = 'money' and abs({x}) >= 1000000
      then g.currency || ' ' || cast(floor({x} / 10000.0 + 0.5) / 100.0 as varchar) || 'M'
    when g.unit = 'money' and abs({x}) >= 1000
      then g.currency || ' ' || cast(floor({x} / 100.0 + 0.5) / 10.0 as varchar) || 'k'
    when g.unit = 'money' then g.currency || ' ' || cast(floor({x} + 0.5) as varchar)
    when g.unit in ('days', 'months')
      then cast(floor({x} * 10 + 0.5) / 10.0 as varchar) || ' ' || g.unit
    else cast(floor({x} * 100 + 0.5) / 100.0 as varchar)
  end"""

_FINAL = """
with compared as (
  select
    kpi as kpi_id,
    max(case when months_ago = 1 then value end) as value,
    max(case when months_ago = 2 then value end) as previous,
    max(case when months_ago = 13 then value end) as last_year
  from periods
  group by kpi
)
select
  t.date_day as as_of_date,
  g.kpi,
  g.area,
  g.unit,
  c.value,
  c.previous,
  c.last_year,
  c.value - c.previous as change,
  g.target,
  case
    when c.value is null then 'no data'
    when g.target is null and g.warn is null and g.act is null then 'no target'
    when g.act is not null and g.sign * c.value < g.sign * g.act then 'act'
    when g.warn is not null and g.sign * c.value < g.sign * g.warn then 'watch'
    when g.target is not null and g.sign * c.value < g.sign * g.target then 'below target'
    else 'on track'
  end as status,
  g.sign * (c.value - g.target) / nullif(abs(g.target), 0) as off_target,
  NOW_TEXT as now_text,
  BEFORE_TEXT as before_text,
  YEAR_AGO_TEXT as year_ago_text,
  TARGET_TEXT as target_text,
  g.owner,
  g.review,
  g.action
from governed as g
cross join (select date_day from calendar where days_ago = 0) as t
left join compared as c on c.kpi_id = g.kpi_id
"""
