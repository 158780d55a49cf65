"""How charts write numbers, by the unit of a KPI or the name of a column: d3 formats."""

from __future__ import annotations

from superset_crmkpi.catalogue.definitions import Metric
from superset_crmkpi.language.language import Language
from superset_crmkpi.language.numbers import Numbers
from superset_crmkpi.language.text import marked

FORMATS = {
    "percent": ".1%",
    "money": "SMART_NUMBER",
    "money per day": "SMART_NUMBER",
    "count": ",d",
    "ratio": ",.2~f",
    "number": ",.1~f",
    "days": ",.0f",
    "months": ",.1~f",
    "duration": ",.1~f",
    "points": "+.1~f",
    "score 0-100": ",.0f",
    "score -1..1": "+.2f",
    "score -100..100": "+.0f",
    "text": "",
}
UNITS = {
    "days": marked("days"),
    "months": marked("months"),
    "duration": marked("hours"),
    "points": marked("points"),
}
MONEY = ("amount", "value", "mrr", "revenue", "cost", "arr", "budget", "loss")
#: how a period is named, by its length
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
    return ",.1~f" if kind == "double" and not is_money(name) else ",.0f"


def is_money(name: str) -> bool:
    """Whether a column of that name is an amount in the reporting currency."""
    words = name.split("_")
    return any(word in words for word in MONEY) and "unconverted" not in words


def axis_format(metric: Metric) -> str:
    """The format of a unit without trailing zeros."""
    return ".1~%" if metric.unit == "percent" else number_format(metric)


def unit_of(metric: Metric) -> str:
    """What stands at the axis."""
    return UNITS.get(metric.unit, "")


def currency_format(code: str, language: Language) -> dict[str, str]:
    """How Superset shows amounts: on the side of the number that the language writes it on."""
    first = Numbers("", language).currency_first
    return {"symbol": code, "symbolPosition": "prefix" if first else "suffix"}
