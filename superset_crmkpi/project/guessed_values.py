"""A raw column as the model wants it, if its contents allow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.canonical.model import Column
from superset_crmkpi.project.contents import Contents, is_flag, is_iso, is_number, shown
from superset_crmkpi.project.guess import GuessedTable

_OFFSET = re.compile(r"\d{2}:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)$")
#: texts that are of one form: column -> (its form, what is done to the column, in words)
_FORMS = {
    "currency": ("[A-Za-z]{3}", "upper", "a currency of three letters"),
    "country_code": ("[A-Za-z]{2}", "upper", "a country of two letters"),
}
_SEPARATORS = re.compile(r"[\s_-]+")


class Leave(Exception):
    """Why a column is left out."""


@dataclass(frozen=True)
class Value:
    """An expression, and what a person should look at."""

    sql: str
    doubt: str = ""


def value_of(
    table: GuessedTable, column: Column, values: Sequence[Any], contents: Contents
) -> Value:
    """The column's own column as its type in the model. Raises Leave."""
    own, kind = table.columns[column.name], table.kind(column.name)
    name = contents.quoted(own)
    if column.name == "id" or column.references is not None:
        doubt = "by who created it" if own.lower().startswith("created") else ""
        # a loader that met nulls stores integer ids as 1001.0
        whole = f"cast({name} as {contents.type('bigint')})"
        return Value(whole if kind == "number" else name, doubt)
    if column.allowed:
        return Value(*_state(table, column, contents))
    if column.type in ("timestamp", "date"):
        return _moment(table, column, values, contents)
    if column.type == "boolean":
        return _flag(own, kind, values, contents)
    if column.type in ("double", "bigint"):
        return _number(table, column, values, contents)
    return _text(own, column, values, contents)


def _moment(
    table: GuessedTable, column: Column, values: Sequence[Any], contents: Contents
) -> Value:
    own, kind = table.columns[column.name], table.kind(column.name)
    name = contents.quoted(own)
    doubt = ""
    if column.name == "expected_close_date" and "closed_at" not in table.columns:
        doubt = f"and the day of closing, once it is closed, if `{own}` is kept up"
    if kind in ("timestamp", "date", "instant"):
        return Value(name, doubt)
    if not values:
        raise Leave(f"`{own}` is {kind} and empty in the first rows")
    others = [value for value in values if not is_iso(value)]
    if kind != "text" or others:
        raise Leave(f"`{own}` holds no ISO dates: {shown((others or list(values))[:1])}")
    texts = [str(value) for value in values]
    offsets = sum(bool(_OFFSET.search(text)) for text in texts)
    if 0 < offsets < len(texts):
        raise Leave(f"`{own}` has an offset in some rows only: {shown(texts[:2])}")
    wanted = "date" if all(len(text) == 10 for text in texts) else "timestamp"
    sql = f"cast(nullif({name}, '') as {contents.type('timestamptz' if offsets else wanted)})"
    if offsets:
        sql = f"{sql} at time zone 'UTC'"
    return _checked(table, column, sql, doubt, contents)


def _number(
    table: GuessedTable, column: Column, values: Sequence[Any], contents: Contents
) -> Value:
    own, kind = table.columns[column.name], table.kind(column.name)
    sql, doubt = contents.quoted(own), ""
    if kind not in ("number", "integer"):
        others = [value for value in values if not is_number(value)]
        if kind != "text" or others or not values:
            example = f": {shown(others[:1])}" if others else ""
            raise Leave(f"`{own}` is {kind} and holds no numbers{example}")
        sql = f"cast(nullif({sql}, '') as {contents.type('double')})"
    if column.name == "probability":
        if any(float(value) > 1 for value in values):
            sql = f"{sql} / 100.0"
        else:
            doubt = "from 0 to 1"
    if column.name == "annual_revenue":
        doubt = "revenue per year?"
    if kind == "text":
        return _checked(table, column, sql, doubt, contents)
    return Value(sql, doubt)


def _checked(
    table: GuessedTable, column: Column, sql: str, doubt: str, contents: Contents
) -> Value:
    """The cast, if every row of the table can be cast."""
    if not contents.fits(table.schema, table.table, sql):
        raise Leave(f"`{table.columns[column.name]}` has rows that cannot be cast: {sql}")
    return Value(sql, doubt)


def _flag(own: str, kind: str, values: Sequence[Any], contents: Contents) -> Value:
    name = contents.quoted(own)
    if kind == "boolean":
        return Value(name)
    if kind in ("integer", "number"):
        return Value(f"{name} <> 0")
    if kind in ("timestamp", "date", "instant"):
        return Value(f"{name} is not null")
    others = [value for value in values if not is_flag(value)]
    if kind != "text" or others or not values:
        raise Leave(f"`{own}` holds no yes or no{f': {shown(others[:1])}' if others else ''}")
    return Value(f"lower({name}) in ('true', 't', 'yes', 'y', '1')")


def _text(own: str, column: Column, values: Sequence[Any], contents: Contents) -> Value:
    name = contents.quoted(own)
    if column.name == "email":
        return Value(f"lower({name})")
    if column.name in _FORMS:
        form, function, words = _FORMS[column.name]
        others = [value for value in values if not re.fullmatch(form, str(value))]
        if others or not values:
            raise Leave(f"`{own}` is not {words}{f': {shown(others[:1])}' if others else ''}")
        return Value(f"{function}(nullif({name}, ''))")
    return Value(name)


def _state(table: GuessedTable, column: Column, contents: Contents) -> tuple[str, str]:
    """A column of listed values: those that fit, and the others as a doubt."""
    own = table.columns[column.name]
    values = contents.values(table.schema, table.table, own)
    if values is None:
        raise Leave(f"`{own}` has too many values for {', '.join(column.allowed)}")
    fitting = {value: fit for value in values if (fit := allowed_value(value, column))}
    others = [value for value in values if value not in fitting]
    allowed = f"allowed are {', '.join(column.allowed)}"
    if not fitting:
        raise Leave(f"`{own}` has {shown(others) or 'no values'}; {allowed}")
    name = contents.quoted(own)
    if not others and all(value.lower() == fit for value, fit in fitting.items()):
        return f"lower({name})", ""
    return case(name, fitting, contents), f"null: {shown(others)}; {allowed}" if others else ""


def allowed_value(value: str, column: Column) -> str | None:
    """The value of the model that a text is, whatever its case and separators."""
    plain = _SEPARATORS.sub("_", value.strip().lower())
    by_text = {_SEPARATORS.sub("_", one.lower()): one for one in column.allowed}
    return by_text.get(plain)


def case(name: str, values: Mapping[str, str], contents: Contents, others: str = "") -> str:
    """`case` over values of a column: value -> what it becomes."""
    by_result: dict[str, list[str]] = {}
    for value, result in values.items():
        by_result.setdefault(result, []).append(contents.text(value))
    whens = [
        f"when {one_of(name, texts)} then {contents.text(result)}"
        for result, texts in by_result.items()
    ]
    rest = f" else {contents.text(others)}" if others else ""
    return f"case {' '.join(whens)}{rest} end"


def one_of(name: str, texts: Sequence[str]) -> str:
    """The condition that a column has one of some values, which are SQL."""
    return f"{name} = {texts[0]}" if len(texts) == 1 else f"{name} in ({', '.join(texts)})"
