"""The generated fact `crm_impacts`: each reporting KPI six months before and after a marked date.

The date is the setting `crm_change_date` of the profile; without one the fact has no rows. Windows
are whole months: the month of the change is in neither, unless the change is on its first day; of
the months after it, those that are complete. A level is taken at the end of its window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlglot
from sqlglot import exp

from superset_crmkpi.base.sqlfile import SqlFile
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
    days = sqlglot.parse_one(_DAYS, dialect="duckdb")
    text = with_first(_FINAL, {"days": days, "period_values": values, "labels": labels})
    return Fact(NAME, FactMeta.model_validate(_META), SqlFile(Path(f"{NAME}.sql"), {}, text, 1))


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


_META = {
    "label": "Before and after the CRM change",
    "grain": "one row per KPI with a value on one side at least",
    "time": "change_date",
    "needs": [],
    "dimensions": {"kpi": "KPI", "area": "Branch", "unit": "Unit"},
    "columns": {
        "change_date": "Change",
        "before_value": "Six months before",
        "after_value": "Six months after",
        "difference": "Difference",
        "improvement": "Improvement",
    },
    "settings": {
        "crm_change_date": {
            "default": None,
            "about": "day from which the CRM was used in the new way, as YYYY-MM-DD",
        }
    },
    "questions": ["Did the change of the CRM do any good?"],
}

_DAYS = """
select
  case when d.month_no < m.month_no then 'before' else 'after' end as period_type,
  0 as period_no,
  m.date_day as period_start,
  d.date_day,
  case
    when d.month_no = m.month_no - 1 then 1
    when d.month_no = m.first_after_no + 5 then 1
    when d.month_no >= m.first_after_no and d.months_ago = 1 then 1
    else 0
  end as is_last_month
from calendar as d
cross join (
  select
    date_day,
    month_no,
    case when date_day = month_start then month_no else month_no + 1 end as first_after_no
  from calendar
  where date_day = cast($crm_change_date as date)
) as m
where d.months_ago >= 1
  and (d.month_no between m.month_no - 6 and m.month_no - 1
    or d.month_no between m.first_after_no and m.first_after_no + 5)
"""

_FINAL = """
with sides as (
  select
    kpi,
    max(period_start) as change_date,
    max(case when period_type = 'before' then value end) as before_value,
    max(case when period_type = 'after' then value end) as after_value
  from period_values
  group by kpi
)
select
  l.kpi_id,
  l.kpi,
  l.area,
  l.unit,
  s.change_date,
  s.before_value,
  s.after_value,
  s.after_value - s.before_value as difference,
  l.sign * (s.after_value - s.before_value) / nullif(abs(s.before_value), 0) as improvement
from sides as s
inner join labels as l on l.kpi_id = s.kpi
"""
