"""Relations: queries over other queries or tables, and how they become one statement."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.dialects.engine import Schema
from superset_crmkpi.query.clauses import nodes_in, with_clause
from superset_crmkpi.query.layout import laid_out
from superset_crmkpi.query.prune import RESERVED
from superset_crmkpi.query.shorten import shortened
from superset_crmkpi.query.templates import untemplated
from superset_crmkpi.query.verbatim import restored

#: an identifier of PostgreSQL ends after 63 bytes, without a word
_LONGEST = 63
#: what `crmkpi build` calls a fact: beside the entity `account` lies the fact `fact_accounts`
FACT = "fact_"
#: what an origin may hold, so that its comment ends nothing and is no template of Superset's
_STRANGE = re.compile(r"[^\w./:, -]+")


@dataclass
class Part:
    """A relation as a query over other parts or physical tables; becomes a CTE named `name`.

    `origin` is the file or table it comes from, `section` what kind of part it is; comments of
    the statement say both.
    """

    name: str
    query: exp.Query
    origin: str = ""
    section: str = ""


class Relations(Protocol):
    """Where canonical entities and the calendars come from."""

    def table(self, name: str) -> exp.Table | None:
        """The physical table that holds relation `name`, or None when it is to be inlined."""

    def parts(self, demands: Mapping[str, set[str]]) -> list[Part]:
        """The entities of `demands` (entity -> columns) as parts, each before its readers."""

    def raw_types(self) -> Schema:
        """Columns of raw tables whose type no cast tells, by `schema.table`."""


class BuiltRelations:
    """Entities and calendars as tables in `schema` (made by `crmkpi build` or by dbt)."""

    def __init__(self, schema: str = "crmkpi") -> None:
        self.schema = schema

    def table(self, name: str) -> exp.Table | None:
        return exp.Table(this=identifier(name), db=exp.to_identifier(self.schema))

    def parts(self, demands: Mapping[str, set[str]]) -> list[Part]:
        return []

    def raw_types(self) -> Schema:
        return {}


@dataclass
class Statement:
    """One query, and the section and the origin of each of its CTEs ('' is the body)."""

    query: exp.Query
    origins: Mapping[str, tuple[str, str]]

    def comments(self) -> dict[str, str]:
        """What to say before CTEs where another section or origin begins."""
        with_ = with_clause(self.query)
        found: dict[str, str] = {}
        last = ("", "")
        for name in [*(cte.alias for cte in with_.expressions), ""] if with_ is not None else []:
            section, origin = self.origins.get(name, last)
            lines = [f"/* ---- {section} ---- */"] if section != last[0] else []
            lines += [f"/* {origin} */"] if origin and origin != last[1] else []
            if lines:
                found[name] = "\n".join(lines)
            last = (section, origin)
        return found


def stitch(parts: list[Part], name: str, relations: Relations) -> Statement:
    """One query of many parts: their own CTEs are hoisted, the part `name` is the body.

    The CTE `x` of a part is called `<part>__x`, whatever other parts there are.
    """
    ctes: list[tuple[str, exp.Query]] = []
    origins: dict[str, tuple[str, str]] = {}
    body: exp.Query | None = None
    for part in parts:
        hoisted, query = _hoist(part)
        made = [*hoisted, ("" if part.name == name else part.name, query)]
        origin = _STRANGE.sub("_", part.origin)
        origins.update(dict.fromkeys((alias for alias, _ in made), (part.section, origin)))
        if part.name == name:
            body = query
            made.pop()
        ctes += made
    assert body is not None, f"no part {name}"
    known = {alias for alias, _ in ctes}
    for query in [*(query for _, query in ctes), body]:
        for table in nodes_in(query, exp.Table):
            physical = None if table.name in known or table.db else relations.table(table.name)
            if physical is not None:
                physical.set("alias", exp.TableAlias(this=identifier(table.alias or table.name)))
                table.replace(physical)
    for alias, query in ctes:
        body = body.with_(identifier(alias), as_=query, copy=False)
    return Statement(body, origins)


def _hoist(part: Part) -> tuple[list[tuple[str, exp.Query]], exp.Query]:
    """Take the CTEs of a part out of it, under their long names."""
    query = part.query
    with_ = with_clause(query)
    if with_ is None:
        return [], query
    names = {cte.alias: _long_name(part.name, cte.alias) for cte in with_.expressions}
    for table in nodes_in(query, exp.Table):
        new = names.get(table.name)
        if new and not table.db:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(new))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    hoisted = [(names[cte.alias], cte.this) for cte in with_.expressions]
    with_.pop()
    return hoisted, query


def _long_name(part: str, cte: str) -> str:
    name = f"{part}__{cte}"
    if len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST - 9]}_{digest}"


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


def written(statement: Statement, dialect: str, schema: Schema) -> str:
    """The text of a statement in a dialect, short and laid out; `schema` of the tables it reads."""
    plain = untemplated(statement.query)
    query = dialects.finish(plain, dialect, copy=False, schema=schema)
    assert isinstance(query, exp.Query)
    comments = Statement(query, statement.origins).comments()  # MariaDB has few CTEs
    text = shortened(query, dialect).sql(dialect=dialect, copy=False)
    return restored(laid_out(text, dialect, comments))
