"""Relations: queries over other queries or tables, and how they become one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlglot import exp

from superset_crmkpi.query.prune import RESERVED, with_clause


@dataclass
class Part:
    """A relation as a query over other parts or physical tables; becomes a CTE named `name`."""

    name: str
    query: exp.Query


class Relations(Protocol):
    """Where canonical entities and the calendars come from."""

    def table(self, name: str) -> exp.Table | None:
        """The physical table that holds relation `name`, or None when it is to be inlined."""

    def parts(self, demands: Mapping[str, set[str]]) -> list[Part]:
        """The entities of `demands` (entity -> columns) as parts, each before its readers."""


class BuiltRelations:
    """Entities and calendars as tables in `schema` (made by `crmkpi build` or by dbt)."""

    def __init__(self, schema: str = "crmkpi") -> None:
        self.schema = schema

    def table(self, name: str) -> exp.Table | None:
        return exp.Table(this=identifier(name), db=exp.to_identifier(self.schema))

    def parts(self, demands: Mapping[str, set[str]]) -> list[Part]:
        return []


def stitch(parts: list[Part], name: str, relations: Relations) -> exp.Query:
    """One query of many parts: their own CTEs are hoisted, the part `name` is the body."""
    ctes: list[tuple[str, exp.Query]] = []
    taken = {part.name for part in parts}
    body: exp.Query | None = None
    for part in parts:
        hoisted, query = _hoist(part, taken)
        ctes.extend(hoisted)
        if part.name == name:
            body = query
        else:
            ctes.append((part.name, query))
    assert body is not None, f"no part {name}"
    made = {alias for alias, _ in ctes}
    for query in [*(query for _, query in ctes), body]:
        for table in list(query.find_all(exp.Table)):
            physical = None if table.name in made or table.db else relations.table(table.name)
            if physical is not None:
                physical.set("alias", exp.TableAlias(this=identifier(table.alias or table.name)))
                table.replace(physical)
    for alias, query in ctes:
        body = body.with_(identifier(alias), as_=query, copy=False)
    return body


def _hoist(part: Part, taken: set[str]) -> tuple[list[tuple[str, exp.Query]], exp.Query]:
    """Take the CTEs of a part out of it, renamed where another part has the name already."""
    query = part.query
    with_ = with_clause(query)
    if with_ is None:
        return [], query
    names = {}
    for cte in with_.expressions:
        free = cte.alias if cte.alias not in taken else f"{part.name}_{cte.alias}"
        names[cte.alias] = free
        taken.add(free)
    for table in query.find_all(exp.Table):
        new = names.get(table.name)
        if new and new != table.name and not table.db:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(new))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    hoisted = [(names[cte.alias], cte.this) for cte in with_.expressions]
    with_.pop()
    return hoisted, query


def identifier(name: str) -> exp.Identifier:
    """An identifier, quoted only where the name is a reserved word of some engine."""
    return exp.to_identifier(name, quoted=name in RESERVED)


def literal(value: Any) -> exp.Expression:
    """A Python value as SQL: numbers, texts, dates, null, and lists for `in`."""
    if isinstance(value, exp.Expression):
        return value.copy()
    if isinstance(value, list | tuple | set):
        return exp.Tuple(expressions=[literal(item) for item in value])
    if isinstance(value, bool) or value is None:
        return exp.convert(value)
    if isinstance(value, int | float):
        return exp.Literal.number(value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.cast(exp.Literal.string(value.isoformat()), "date")
