"""How numbers are written, by the unit of a KPI or the name of a column.

Charts get d3 formats. Numbers in texts, which are made in SQL (`text_of`) or beforehand
(`written`), look the same.
"""

from __future__ import annotations

from babel.numbers import get_currency_symbol

from superset_crmkpi.catalogue.definitions import Metric, Unit

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
UNITS = {"days": "days", "months": "months", "duration": "hours", "points": "points"}
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
#: decimals of a number in a text; those of no other unit one
_DECIMALS = {"count": 0, "ratio": 2, "score 0-100": 0, "score -1..1": 2, "score -100..100": 0}
_DECIMALS |= {"days": 0}
#: amounts are shortened: from so much on, the divisor, the decimals and the letter
_SHORTENED = ((1e9, 1e9, 2, "B"), (1e6, 1e6, 2, "M"), (1e3, 1e3, 1, "k"))
_AFTER = {"percent": "%", "days": " days", "months": " months", "duration": " h"}
#: of a difference of two percents
_POINTS = " points"


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


def currency_symbol(code: str) -> str:
    """As Superset writes a currency: by its symbol in English, or by its code without one."""
    return get_currency_symbol(code, "en_US")


def rounded(unit: Unit, value: str) -> str:
    """Canonical SQL: `value` as it is written in a text, so zero where nothing would be told."""
    if unit == "percent":
        return _floor(value, 1000, 10)
    scale = 1 if unit in ("money", "money per day") else 10 ** _DECIMALS.get(unit, 1)
    return _floor(value, scale, scale)


def text_of(unit: Unit, value: str, currency: str, difference: bool = False) -> str:
    """Canonical SQL: the number `value` as people write it; `currency` is a symbol."""
    if unit in ("money", "money per day"):
        cases = " ".join(
            f"when abs({value}) >= {least:.0f} then "
            f"crm_text({_floor(value, 10**decimals / divisor, 10**decimals)}) || '{letter}'"
            for least, divisor, decimals, letter in _SHORTENED
        )
        return f"'{currency} ' || case {cases} else crm_text({rounded(unit, value)}) end"
    after = _POINTS if difference and unit == "percent" else _AFTER.get(unit, "")
    return f"crm_text({rounded(unit, value)})" + (f" || '{after}'" if after else "")


def written(unit: Unit, value: float, currency: str) -> str:
    """A number that is known beforehand, as `text_of` writes it."""
    if unit in ("money", "money per day"):
        for least, divisor, decimals, letter in _SHORTENED:
            if abs(value) >= least:
                return f"{currency} {_short(value / divisor, decimals)}{letter}"
        return f"{currency} {_short(value, 0)}"
    number = _short(value * 100, 1) if unit == "percent" else _short(value, _DECIMALS.get(unit, 1))
    return number + _AFTER.get(unit, "")


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _floor(value: str, times: float, over: float) -> str:
    whole = f"floor({value} * {times:.10g} + 0.5)"
    return whole if over == 1 else f"{whole} / {over:.1f}"
