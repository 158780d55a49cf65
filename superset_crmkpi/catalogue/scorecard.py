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
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.catalogue.by_period import rule_of, values_of, with_first
from superset_crmkpi.catalogue.definitions import Catalog, Fact, FactMeta, Kpi, ScorecardRule
from superset_crmkpi.catalogue.display import role_name
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
    currency: str = "EUR"
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
    file = SqlFile(Path(f"{NAME}.sql"), {}, _sql(catalog, kpis, governance), 1)
    meta = FactMeta.model_validate(
        {
            "label": "KPI scorecard",
            "grain": "one row per KPI and period",
            "time": "period_start",
            "needs": [],
            "dimensions": _DIMENSIONS,
            "columns": _LABELS,
        }
    )
    return Catalog({**catalog.facts, NAME: Fact(NAME, meta, file)}, catalog.kpis)


_DIMENSIONS = {
    "area": "Branch",
    "kpi": "KPI",
    "period_type": "Period",
    "is_latest": "Latest",
    "status": "Status",
    "owner": "Owner",
}
_LABELS = {
    "as_of_date": "As of",
    "period_start": "Start of the period",
    "unit": "Unit",
    "value": "Value",
    "previous": "Value of the period before",
    "last_year": "Value a year ago",
    "change": "Change",
    "change_on_last_year": "Change on last year",
    "target": "Target value",
    "off_target": "Off target",
    "now_text": "Now",
    "before_text": "Period before",
    "year_ago_text": "A year ago",
    "target_text": "Target",
    "review": "Review",
    "next_review_date": "Next review",
    "action": "When it gets worse",
}


def _values(kpi: Kpi, rule: ScorecardRule) -> exp.Expression:
    over_time = kpi.meta.over_time
    rate_of_a_kind = bool(rule.where) and over_time == "ratio"
    return values_of(kpi, rule, last_month=over_time == "last" or rate_of_a_kind)


def _sql(catalog: Catalog, kpis: Sequence[Kpi], governance: Governance) -> str:
    """The fact in the canonical dialect."""
    values = union([_values(kpi, rule_of(catalog.facts, kpi)) for kpi in kpis])
    governed = union([_governed(kpi, governance) for kpi in kpis])
    shown = {
        "NOW_TEXT": "c.value",
        "BEFORE_TEXT": "c.previous",
        "YEAR_AGO_TEXT": "c.last_year",
        "TARGET_TEXT": "g.target",
    }
    text = _FINAL
    for place, column in shown.items():
        text = text.replace(place, _TEXT.format(x=column))
    for place, kind in (("MONTHS", "month"), ("QUARTERS", "quarter"), ("YEARS", "year")):
        text = text.replace(place, str(PERIODS[kind][0]))
    return with_first(text, {"days": _days(), "period_values": values, "governed": governed})


def _days() -> exp.Expression:
    """Every day with each complete period it lies in, and whether in its last month."""
    parts = []
    for kind, (shown, year) in PERIODS.items():
        months = {"month": 1, "quarter": 3, "year": 12}[kind]
        parts.append(
            f"select '{kind}' as period_type, d.{kind}_no as period_no,"
            f" d.{kind}_start as period_start, d.date_day,"
            f" case when d.month_no % {months} = {months - 1} then 1 else 0 end as is_last_month"
            f" from calendar as d inner join calendar as t on t.days_ago = 0"
            f" where t.{kind}_no - d.{kind}_no between 1 and {shown + year}"
        )
    return sqlglot.parse_one(" union all ".join(parts), dialect="duckdb")


def _governed(kpi: Kpi, governance: Governance) -> exp.Expression:
    meta = kpi.meta
    levels = meta.thresholds
    owners = [governance.owners.get(role, role_name(role)) for role in kpi.owners]
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
        "levels_of": levels.of if levels else "value",
        "review": meta.review,
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


_NUMBERS = {"target", "warn", "act"}


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
with last_periods as (
  select period_type, max(period_no) as last_no from days group by period_type
),
today as (
  select date_day, month_no, quarter_no, week_no from calendar where days_ago = 0
),
reviews as (
  select
    min(case when c.days_ago < 0 and c.weekday < 6 then c.date_day end) as next_daily,
    min(case when c.week_no > t.week_no and c.weekday = 1 then c.date_day end) as next_weekly,
    min(case when c.month_no > t.month_no and c.weekday = 1 then c.date_day end) as next_monthly,
    min(case when c.quarter_no > t.quarter_no and c.weekday = 1 then c.date_day end)
      as next_quarterly
  from calendar as c
  cross join today as t
  where c.days_ago between -120 and 0
),
compared as (
  select
    v.kpi,
    v.period_type,
    v.period_no,
    v.period_start,
    v.value,
    b.value as previous,
    y.value as last_year
  from period_values as v
  left join period_values as b
    on b.kpi = v.kpi and b.period_type = v.period_type and b.period_no = v.period_no - 1
  left join period_values as y
    on y.kpi = v.kpi and y.period_type = v.period_type
    and y.period_no = v.period_no
      - case v.period_type when 'month' then 12 when 'quarter' then 4 else 1 end
),
placed as (
  select
    c.*,
    case when l.period_type is null or c.period_no = l.last_no then 1 else 0 end as is_latest
  from compared as c
  left join last_periods as l on l.period_type = c.period_type
  where l.period_type is null or l.last_no - c.period_no
    < case c.period_type when 'month' then MONTHS when 'quarter' then QUARTERS else YEARS end
),
filled as (
  select
    g.kpi_id as kpi,
    coalesce(c.period_type, 'month') as period_type,
    coalesce(c.period_start, t.date_day) as period_start,
    coalesce(c.is_latest, 1) as is_latest,
    c.value,
    c.previous,
    c.last_year,
    (c.value - c.last_year) / nullif(abs(c.last_year), 0) as change_on_last_year
  from governed as g
  cross join today as t
  left join placed as c on c.kpi = g.kpi_id
),
measured as (
  select
    f.*,
    case when g.levels_of = 'value' then f.value else f.change_on_last_year end as judged
  from filled as f
  inner join governed as g on g.kpi_id = f.kpi
)
select
  t.date_day as as_of_date,
  c.kpi as kpi_id,
  g.kpi,
  g.area,
  g.unit,
  c.period_type,
  c.period_start,
  c.is_latest,
  c.value,
  c.previous,
  c.last_year,
  c.value - c.previous as change,
  c.change_on_last_year,
  g.target,
  case
    when c.value is null then 'no data'
    when g.target is null and (g.act is null or c.judged is null) then 'no target'
    when g.sign * c.judged < g.sign * g.act then 'act'
    when g.sign * c.judged < g.sign * g.warn then 'watch'
    when g.sign * c.value < g.sign * g.target then 'below target'
    else 'on track'
  end as status,
  g.sign * (c.value - g.target) / nullif(abs(g.target), 0) as off_target,
  NOW_TEXT as now_text,
  BEFORE_TEXT as before_text,
  YEAR_AGO_TEXT as year_ago_text,
  TARGET_TEXT as target_text,
  g.owner,
  g.review,
  case g.cadence
    when 'daily' then r.next_daily
    when 'weekly' then r.next_weekly
    when 'quarterly' then r.next_quarterly
    else r.next_monthly
  end as next_review_date,
  g.action
from measured as c
inner join governed as g on g.kpi_id = c.kpi
cross join today as t
cross join reviews as r
"""
