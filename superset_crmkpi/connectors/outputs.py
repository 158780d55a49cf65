"""A column that a SELECT of the user's gives, as a type of the canonical model.

The warehouse runs the SELECT over its own tables and tells the kinds of its columns; what a column
means follows from its kind alone:

- a time without a zone is wall clock of the source's `time_zone`, one with it is taken as it is;
- a text that is to be a time says by itself whether it has a zone; without an hour it is a day;
- a text that is to be a number or a boolean is read as those of a connector are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.types import Kind, Type
from superset_crmkpi.connectors.raw_tables import has_offset

_MOMENTS: Collection[Kind] = ("timestamp", "instant", "date", "text")
_NUMBERS: Collection[Kind] = ("integer", "number", "text")
#: type of the model -> kinds that can become it; any kind can become a text
FITTING: dict[Type, Collection[Kind]] = {
    "timestamp": _MOMENTS,
    "date": _MOMENTS,
    "boolean": ("boolean", "integer", "number", "text"),
    "bigint": _NUMBERS,
    "double": _NUMBERS,
}


def fits(kind: Kind | None, wanted: Type) -> bool:
    """Whether a column of a kind can be of a type of the model; what is unknown may be."""
    return kind is None or wanted not in FITTING or kind in FITTING[wanted]


@dataclass(frozen=True)
class Zones:
    """The source's, of times without one, and the reporting one, of days."""

    source: str
    reporting: str


def typed(
    column: exp.Expression, kind: Kind | None, wanted: Type, zones: Zones
) -> tuple[exp.Expression, Type]:
    """The column as a type of the model, and which: of times and dates either will do."""
    if kind is None:
        return exp.cast(column, wanted), wanted
    if wanted in ("timestamp", "date"):
        return _moment(column, kind, wanted, zones)
    if wanted == "text":
        return _text(column, kind), wanted
    if wanted == "boolean":
        return _boolean(column, kind), wanted
    if kind == "text":
        number = dialects.call("crm_number", column)
        return exp.cast(number, wanted) if wanted == "bigint" else number, wanted
    exact = kind == "integer" and wanted == "bigint"
    return column if exact else exp.cast(column, wanted), wanted


def _text(column: exp.Expression, kind: Kind) -> exp.Expression:
    if kind == "text":
        return column
    plain = exp.cast(column, "text")
    if kind != "number":
        return plain
    # a column of ids that also has nulls is often one of floats: 1001.0
    whole = exp.cast(exp.cast(column.copy(), "bigint"), "text")
    is_whole = exp.EQ(this=column.copy(), expression=exp.func("floor", column.copy()))
    return exp.case().when(is_whole, whole).else_(plain)


def _boolean(column: exp.Expression, kind: Kind) -> exp.Expression:
    if kind == "boolean":
        return column
    if kind == "text":
        return dialects.call("crm_boolean", column)
    return exp.NEQ(this=column, expression=exp.Literal.number(0))


def _moment(
    column: exp.Expression, kind: Kind, wanted: Type, zones: Zones
) -> tuple[exp.Expression, Type]:
    if kind == "date":
        return column, "date"
    if kind == "instant":
        return dialects.call("crm_instant", column), "timestamp"
    if kind == "timestamp":
        return _in_utc(column, zones.source), "timestamp"
    read = dialects.call("crm_timestamp", column)
    moment = read
    if zones.source != "UTC":
        wall = _in_utc(read.copy(), zones.source)
        moment = exp.case().when(has_offset(column.copy()), read).else_(wall)
    has_time = exp.Like(this=column.copy(), expression=exp.Literal.string("%:%"))
    if wanted == "date":
        day = exp.cast(read.copy(), "date")
        local = dialects.call("crm_local_date", moment, zones.reporting)
        return exp.case().when(has_time, local).else_(day), "date"
    if zones.reporting == "UTC" and zones.source == "UTC":
        return moment, "timestamp"
    midnight = _in_utc(read.copy(), zones.reporting)
    return exp.case().when(has_time, moment).else_(midnight), "timestamp"


def _in_utc(moment: exp.Expression, zone: str) -> exp.Expression:
    return moment if zone == "UTC" else dialects.call("crm_utc", moment, zone)


def unread(column: exp.Expression, kind: Kind | None, wanted: Type) -> exp.Expression | None:
    """Whether a text is there that cannot be read as the type; None where there is no such text."""
    if kind != "text" or wanted == "text":
        return None
    readers = {"boolean": "crm_boolean", "timestamp": "crm_timestamp", "date": "crm_timestamp"}
    read = dialects.call(readers.get(wanted, "crm_number"), column.copy())
    blank = exp.EQ(this=exp.func("trim", column.copy()), expression=exp.Literal.string(""))
    return exp.and_(exp.not_(blank), read.is_(exp.null()))
