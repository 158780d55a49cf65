"""How numbers are written, by the unit of a KPI or the name of a column (d3 formats)."""

from __future__ import annotations

from superset_crmkpi.catalogue.definitions import Metric

FORMATS = {
    "percent": ".1%",
    "money": ".3~s",
    "money per day": ".3~s",
    "count": ",d",
    "ratio": ".2f",
    "number": ",.1f",
    "days": ",.0f",
    "months": ",.1f",
    "duration": ",.1f",
    "points": "+.1f",
    "score 0-100": ",.0f",
    "score -1..1": "+.2f",
    "score -100..100": "+.0f",
}
UNITS = {"days": "days", "months": "months", "duration": "hours", "points": "points"}
MONEY = ("amount", "value", "mrr", "revenue", "cost", "arr", "budget")
#: units of which a change is told in percent of the value before. Of a rate, a share or a score
#: that says nothing: one that rises from 20 % to 30 % rises by ten points, not by half
RELATIVE = ("money", "money per day", "count", "ratio", "number", "days", "months", "duration")
#: how a period of that length is named
TIME_FORMATS = {
    "day": "%d %b %Y",
    "week": "%d %b %Y",
    "month": "%b %Y",
    "quarter": "%b %Y",
    "year": "%Y",
}
#: three digits that say something, for columns in which each row has a unit of its own
ANY_UNIT = ",.3~r"


def number_format(metric: Metric) -> str:
    """d3 format of a KPI's unit."""
    return FORMATS[metric.unit]


def column_format(name: str, kind: str) -> str:
    """d3 format of a number in a list: rates in percent, money and counts without decimals."""
    if name.endswith("_rate"):
        return ".1%"
    money = any(word in name.split("_") for word in MONEY)
    return ",.1f" if kind == "double" and not money else ",.0f"


def axis_format(metric: Metric) -> str:
    """The format of a unit without trailing zeros."""
    return ".1~%" if metric.unit == "percent" else number_format(metric)


def unit_of(metric: Metric) -> str:
    """What stands at the axis."""
    return UNITS.get(metric.unit, "")
