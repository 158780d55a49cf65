"""Where logical tables and columns lie in the warehouse."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.connectors.connector import squash


@dataclass(frozen=True)
class Physical:
    """A table of the warehouse and its columns (name -> kind).

    `array` is the place of a JSON array in it, where each element is a row.
    """

    schema: str
    name: str
    columns: Mapping[str, str]
    array: Place | None = None

    @property
    def table(self) -> exp.Table:
        return exp.Table(
            this=exp.to_identifier(self.name, quoted=True),
            db=exp.to_identifier(self.schema, quoted=True),
        )


@dataclass(frozen=True)
class Place:
    """Where a value lies: in a column of `kind`, or at a path of the JSON in it."""

    column: str
    kind: str
    path: str | None = None

    def value(self, table: str) -> exp.Expression:
        """The value, of `kind`; inside JSON it is a text."""
        column = exp.column(exp.to_identifier(self.column, quoted=True), table)
        if self.path is None:
            return column
        return dialects.call("crm_json", column, self.path)


def place_in(candidate: str, columns: Mapping[str, str]) -> Place | None:
    """The place `x` or `x$.path` among columns (name -> kind), or None."""
    name, inside, path = candidate.partition("$")
    found = named_alike(name, columns)
    if found is None:
        return None
    return Place(found, columns[found], path.removeprefix(".") if inside else None)


def named_alike(name: str, names: Collection[str]) -> str | None:
    squashed = squash(name)
    return next((other for other in names if squash(other) == squashed), None)
