"""What columns hold, asked of the warehouse with a few short queries."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlglot import exp

from superset_crmkpi.dialects import dialect_of
from superset_crmkpi.dialects.engine import ISO
from superset_crmkpi.warehouse.connect import fetched

ROWS = 300
#: a column of more values is no list of states
VALUES = 30
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_YES = frozenset(["true", "t", "yes", "y", "1"])
_NO = frozenset(["false", "f", "no", "n", "0"])


class Contents:
    """The contents of tables of one warehouse."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = dialect_of(engine.name)
        preparer = engine.dialect.identifier_preparer
        self._reserved = {word.lower() for word in preparer.reserved_words} | {"case", "user"}

    def quoted(self, name: str) -> str:
        """The identifier as the engine reads it, in quotes where it needs them."""
        plain = re.fullmatch("[a-z_][a-z0-9_]*", name) and name not in self._reserved
        return exp.to_identifier(name, quoted=not plain).sql(dialect=self.dialect)

    def text(self, value: str) -> str:
        """A string of SQL."""
        return exp.Literal.string(value).sql(dialect=self.dialect)

    def type(self, name: str) -> str:
        """A type of SQL."""
        return exp.DataType.build(name).sql(dialect=self.dialect).lower()

    def table(self, schema: str, name: str) -> str:
        return f"{self.quoted(schema)}.{self.quoted(name)}"

    def sample(self, schema: str, table: str, columns: Collection[str]) -> dict[str, list[Any]]:
        """Values of some hundred rows, without nulls and blanks; SQLAlchemyError if unreadable."""
        names = list(columns)
        listed = ", ".join(f"{self.quoted(name)} as c{n}" for n, name in enumerate(names))
        rows = fetched(
            self.engine, f"select {listed} from {self.table(schema, table)} limit {ROWS}"
        )
        values = {name: [row[f"c{n}"] for row in rows] for n, name in enumerate(names)}
        return {
            name: [one for one in given if one is not None and str(one).strip()]
            for name, given in values.items()
        }

    def values(self, schema: str, table: str, column: str) -> list[str] | None:
        """All values that a column has, in order; None where they are too many."""
        name, place = self.quoted(column), self.table(schema, table)
        rows = fetched(
            self.engine,
            f"select distinct {name} as v from {place} where {name} is not null limit {VALUES + 2}",
        )
        found = sorted(str(row["v"]) for row in rows if str(row["v"]).strip())
        return found if len(found) <= VALUES else None

    def fits(self, schema: str, table: str, expression: str) -> bool:
        """Whether the engine can work out the expression for every row."""
        try:
            fetched(
                self.engine, f"select count({expression}) as n from {self.table(schema, table)}"
            )
        except SQLAlchemyError:
            return False
        return True

    def has(self, schema: str, table: str, where: str) -> bool:
        """Whether a row of the table meets the condition."""
        sql = f"select 1 as one from {self.table(schema, table)} where {where} limit 1"
        return bool(fetched(self.engine, sql))

    def leading(
        self, schema: str, table: str, column: str, target: str, key: str
    ) -> tuple[int, int]:
        """How many of some hundred references there are, and how many lead to a row."""
        name, kind = self.quoted(column), self.type("text")
        given = (
            f"select cast({name} as {kind}) as v from {self.table(schema, table)}"
            f" where {name} is not null limit {ROWS}"
        )
        keys = f"select cast({self.quoted(key)} as {kind}) from {self.table(schema, target)}"
        sql = (
            f"select count(*) as n, coalesce(sum(case when g.v in ({keys}) then 1 else 0 end), 0)"
            f" as m from ({given}) as g"
        )
        (row,) = fetched(self.engine, sql)
        return int(row["n"]), int(row["m"])


def is_number(value: Any) -> bool:
    return bool(_NUMBER.match(str(value).strip()))


def is_flag(value: Any) -> bool:
    return str(value).strip().lower() in _YES | _NO


def is_iso(value: Any) -> bool:
    """Whether a text is a day or a time that every engine reads."""
    text = str(value)
    if not re.match(ISO, text):
        return False
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def shown(values: Collection[Any], most: int = 12) -> str:
    """Values for a comment: short, on one line, nothing in them that ends it."""
    texts = [
        re.sub(r"[^\w .,:+@&/()-]", "?", str(value).replace("*/", "?"))[:40] for value in values
    ]
    rest = f", and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(f"`{text}`" for text in texts[:most]) + rest
