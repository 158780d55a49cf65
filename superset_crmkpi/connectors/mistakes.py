"""Mistakes in a mapping, each told in one line; and those that show without looking at a row."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from superset_crmkpi.connectors.outputs import fits

if TYPE_CHECKING:
    from superset_crmkpi.connectors.selected import SelectedEntity

#: what engines say of a column, of a table that is not there
_NO_COLUMN = (
    r'Referenced column "(?P<name>[^"]+)" not found',
    r'does not have a column named "(?P<name>[^"]+)"',
    r'column "?(?P<name>[^"]+?)"? does not exist',
    r"Unknown column '(?P<name>[^']+)'",
    r"no such column: (?P<name>\S+)",
)
_NO_TABLE = (
    r"Table with name (?P<name>.+?) does not exist",
    r'relation "(?P<name>[^"]+)" does not exist',
    r"Table '(?P<name>[^']+)' doesn't exist",
    r"no such table: (?P<name>\S+)",
)


@dataclass(frozen=True)
class Mistake:
    """One line for the user. `rows` are those that have it, `example` one of them or of its values.

    An error makes a number wrong, a warning leaves something out. A fatal one stops every command.
    """

    mistake: str
    source: str
    entity: str
    column: str
    message: str
    remedy: str
    is_error: bool = True
    is_fatal: bool = False
    rows: int | None = None
    example: str | None = None

    @property
    def where(self) -> str:
        return ".".join(part for part in (self.source, self.entity, self.column) if part)

    @property
    def line(self) -> str:
        """`crm.opportunity.status: 3 rows ..., such as `Won`; what to do`."""
        seen = f", such as `{self.example}`" if self.example is not None else ""
        number = "" if self.rows is None else f"{self.rows:,} row{'s' * (self.rows != 1)} "
        return f"{self.where}: {number}{self.message}{seen}; {self.remedy}"

    def to_dict(self) -> dict[str, Any]:
        found = asdict(self)
        del found["is_error"], found["is_fatal"]
        return {"severity": "error" if self.is_error else "warning", **found, "line": self.line}


def mistakes_of(entity: SelectedEntity) -> list[Mistake]:
    """What is wrong with a SELECT whatever its rows are."""
    return list(_found(entity))


def _found(entity: SelectedEntity) -> Iterator[Mistake]:
    source, name = entity.source.name, entity.entity.name
    if entity.select.no_select:
        remedy = "write one SELECT, in the warehouse's own SQL"
        said = entity.select.no_select
        yield Mistake("no SELECT", source, name, "", said, remedy, is_fatal=True)
        return
    if entity.refused:
        yield _refused(entity)
        return
    where = entity.source.source.schema_ or "the warehouse"
    there = entity.source.raw.snapshot.schema(entity.source.source.schema_ or "")
    for table in sorted(entity.select.missing):
        yield Mistake(
            "unknown table",
            source,
            name,
            "",
            f"table `{table}` is not in {where}{near(table, there)}",
            "name a table that is there, with its schema where it is another one",
        )
    if entity.select.missing:
        return
    names = [one.name.lower() for one in entity.columns]
    for column in sorted({c for c in names if names.count(c) > 1 and c in entity.entity.schema}):
        yield Mistake(
            "column given twice",
            source,
            name,
            column,
            "two columns of the SELECT have this name",
            "give it once",
            is_fatal=True,
        )
    if "id" not in names:
        yield Mistake(
            "no id",
            source,
            name,
            "id",
            "the SELECT gives no `id`",
            "name the column that tells one record from all others `id`",
            is_fatal=True,
        )
    for column, output in entity.outputs.items():
        wanted = entity.entity.schema[column]
        if not output.is_null and not fits(output.kind, wanted):
            yield Mistake(
                "type that does not fit",
                source,
                name,
                column,
                f"the model has a {wanted} here, and the SELECT gives {_a(output.kind)}",
                f"give it as {wanted}",
                is_fatal=True,
            )
    if entity.select.tree is None:  # sqlglot is what Superset reads each statement by
        yield Mistake(
            "SELECT that Superset cannot read",
            source,
            name,
            "",
            "the warehouse takes it, and the SQL parser of Superset does not",
            "make a view of it in the warehouse, and select from that",
            is_fatal=True,
        )
    yield from _unknown(entity)


def _unknown(entity: SelectedEntity) -> Iterator[Mistake]:
    """Output columns that the model does not know; those of a `*` only where one is near."""
    tree, known = entity.select.tree, entity.entity.schema
    has_star = tree is None or any(
        star.find_ancestor(exp.Count) is None for star in tree.find_all(exp.Star)
    )
    free = [name for name in entity.entity.columns if name not in entity.outputs]
    for one in entity.columns:
        if one.name.lower() in known:
            continue
        close = near(one.name, free)
        if has_star and not close:
            continue
        yield Mistake(
            "unknown column of the model",
            entity.source.name,
            entity.entity.name,
            one.name,
            f"the model's {entity.entity.name} has no such column{close}",
            "call it as the model does, leave it out, or list it under `fields`",
            is_error=bool(close) and not has_star,
        )


def _refused(entity: SelectedEntity) -> Mistake:
    said = entity.refused
    remedy = "mend the SELECT"
    mistake, message, column = "SELECT that does not run", f"the warehouse says: {said}", ""
    name = _named(said, _NO_COLUMN)
    if name is not None:
        columns = {c for physical in entity.select.physical for c in physical.columns}
        bare = name.rpartition(".")[2]
        mistake = "unknown column"
        message = f"no table of the SELECT has a column `{name}`{near(bare, columns)}"
        remedy = "name a column that is there"
    elif (name := _named(said, _NO_TABLE)) is not None:
        there = entity.source.raw.snapshot.schema(entity.source.source.schema_ or "")
        mistake = "unknown table"
        message = f"there is no table `{name}`{near(name, there)}"
        remedy = "name a table that is there, with its schema where it is another one"
    return Mistake(
        mistake, entity.source.name, entity.entity.name, column, message, remedy, is_fatal=True
    )


def _named(said: str, patterns: tuple[str, ...]) -> str | None:
    found = next((hit for p in patterns if (hit := re.search(p, said))), None)
    return found["name"] if found else None


def near(name: str, names: Collection[str]) -> str:
    """`; near: amount` of names that are alike, or nothing."""
    lower = {other.lower(): other for other in sorted(names)}
    found = difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.75)
    return f"; near: {', '.join(lower[one] for one in found)}" if found else ""


def _a(kind: str | None) -> str:
    named = {
        "instant": "a timestamp with time zone",
        "other": "something that has no such meaning",
        "integer": "an integer",
    }
    return named.get(str(kind), f"a {kind}")
