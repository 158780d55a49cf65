"""A SELECT of the user's own, as the warehouse takes it.

Only one thing is changed in its text: tables without a schema get that of the source. What else
stands there is the warehouse's business; sqlglot reads it to find the tables, no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from superset_crmkpi import dialects
from superset_crmkpi.connectors.raw_tables import Physical
from superset_crmkpi.query.clauses import with_clause

#: what gives rows, and may stand in brackets behind a FROM
_QUERIES = (exp.Query, exp.Pivot, exp.Values)
_NO_SELECT = "expected one SELECT statement"
_CALLS = re.compile(r"\bcrm_\w+\s*\(", re.I)

#: where a table without a schema lies, by its name in the SELECT; None for one that is not there
Find = Callable[[exp.Identifier], Physical | None]


@dataclass(frozen=True)
class Read:
    """A table that a SELECT reads: its node in the tree, and where it lies."""

    node: exp.Table
    physical: Physical


@dataclass(frozen=True)
class UserSelect:
    """`text` is what to run, with all tables by their full names.

    `tree` is what sqlglot makes of the SELECT as it was written; None where it cannot read it.
    """

    text: str
    tree: exp.Expression | None
    reads: tuple[Read, ...] = ()
    #: names of tables that are not in the source's schema
    missing: frozenset[str] = frozenset()
    #: why this is no single SELECT, or nothing
    no_select: str = ""

    @property
    def physical(self) -> list[Physical]:
        """The tables it reads, each once."""
        found = {(one.physical.schema, one.physical.name): one.physical for one in self.reads}
        return [found[key] for key in sorted(found)]

    def names(self, dialect: str) -> set[str]:
        """Every word of it that might name a column, in lower case."""
        return {token.text.lower() for token in sqlglot.tokenize(self.text, read=dialect)}

    def reads_all_of(self, table: Physical) -> bool:
        """Whether a `*` of it may give each column of the table."""
        stars = self.tree.find_all(exp.Star) if self.tree is not None else ()
        whole = any(star.find_ancestor(exp.Count, exp.Select, exp.Pivot) is not None
                    and not isinstance(star.parent, exp.Count) for star in stars)  # fmt: skip
        places = [(one.schema, one.name) for one in self.physical]
        return whole and (table.schema, table.name) in places


def read_select(sql: str, dialect: str, find: Find) -> UserSelect:
    """The SELECT with its tables found."""
    text, fault = _one_statement(sql, dialect)
    if fault:
        return UserSelect(text, None, no_select=fault)
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except SqlglotError:
        return UserSelect(text, None)
    if not isinstance(tree, _QUERIES):
        return UserSelect(text, None, no_select=_NO_SELECT)
    reads: list[Read] = []
    missing: set[str] = set()
    for node in tree.find_all(exp.Table):
        name = node.this
        if node.db or not isinstance(name, exp.Identifier) or _is_cte(node, dialect):
            continue
        physical = find(name)
        if physical is not None:
            reads.append(Read(node, physical))
        elif not re.search(r"[./]", name.name):  # a file that DuckDB reads by its path
            missing.add(name.name)
    made = _qualified(text, dialect, tree, reads)
    return UserSelect(made, tree, tuple(reads), frozenset(missing))


def _one_statement(sql: str, dialect: str) -> tuple[str, str]:
    """The text without a semicolon at its end, and what is wrong with it: a bracket must not close
    what it did not open, as the text will stand in brackets."""
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
    except SqlglotError as error:
        return sql, str(error).splitlines()[0]
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    depth = 0
    for token in tokens:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth < 0:
            return sql, "a bracket is closed that was not opened"
        if token.token_type == TokenType.SEMICOLON:
            return sql, _NO_SELECT
    return (sql[: tokens[-1].end + 1].strip(), "") if tokens else (sql, _NO_SELECT)


def _is_cte(table: exp.Table, dialect: str) -> bool:
    """Whether a CTE of that name is visible where the table stands."""
    name = folded(table.this, dialect)
    inside: exp.Expression = table
    while inside.parent is not None:
        outer = inside.parent
        ctes: list[exp.Expression] = []
        if isinstance(outer, exp.With):
            ctes = outer.expressions
            ctes = ctes if outer.recursive else ctes[: _place(ctes, inside)]
        elif (with_ := with_clause(outer)) is not None and with_ is not inside:
            ctes = with_.expressions
        if any(folded(cte.args["alias"].this, dialect) == name for cte in ctes):
            return True
        inside = outer
    return False


def folded(identifier: exp.Identifier, dialect: str) -> str:
    """A name as the engine compares it."""
    if dialect == "postgres":
        return identifier.name if identifier.quoted else identifier.name.lower()
    return identifier.name if dialect == "clickhouse" else identifier.name.lower()


def _place(ctes: list[exp.Expression], cte: exp.Expression) -> int:
    return next(place for place, one in enumerate(ctes) if one is cte)


def _qualified(text: str, dialect: str, tree: exp.Expression, reads: list[Read]) -> str:
    """The text with the full names of tables in the place of those in `reads`."""
    if _CALLS.search(text) or not all(_position(one.node) for one in reads):
        return _printed(tree, dialect, reads)
    made = text
    for one in sorted(reads, key=lambda one: _position(one.node) or (0, 0), reverse=True):
        start, end = _position(one.node) or (0, 0)
        full = one.physical.table.sql(dialect=dialect)
        if not one.node.alias and one.physical.name.lower() != one.node.name.lower():
            full += f" as {text[start : end + 1]}"
        made = made[:start] + full + made[end + 1 :]
    return made


def _position(node: exp.Table) -> tuple[int, int] | None:
    """First and last letter of a table's name in the text; older sqlglots do not keep them."""
    meta = node.this.meta if node.this._meta is not None else {}
    return (meta["start"], meta["end"]) if {"start", "end"} <= meta.keys() else None


def _printed(tree: exp.Expression, dialect: str, reads: list[Read]) -> str:
    """The tree as sqlglot prints it, its tables by their full names, and no `crm_*` call left."""
    made = tree.copy()
    places = {id(one.node): one.physical for one in reads}
    for node, twin in zip(*(list(t.find_all(exp.Table)) for t in (tree, made)), strict=True):
        if id(node) in places:
            twin.replace(placed(twin, places[id(node)]))
    return dialects.resolved(made, dialect).sql(dialect=dialect)


def placed(node: exp.Expression, physical: Physical) -> exp.Table:
    """The table of a SELECT by its full name; it keeps its alias, and what else belongs to it."""
    made = node.copy()
    assert isinstance(made, exp.Table)
    if not made.alias:
        made.set("alias", exp.TableAlias(this=made.this.copy()))
    made.set("this", physical.table.this)
    made.set("db", physical.table.args["db"])
    return made
