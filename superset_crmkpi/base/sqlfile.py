"""SQL files with YAML front matter: `/*--- ... ---*/` and then one statement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from superset_crmkpi.base import paths
from superset_crmkpi.base.documents import parse_document, read_text
from superset_crmkpi.base.errors import CrmKpiError

OPEN, CLOSE = "/*---", "---*/"
DIALECT = "duckdb"


@dataclass(frozen=True)
class SqlFile:
    """One file: `meta` is its front matter, `sql` the text below it, `line` where that begins."""

    path: Path
    meta: dict[str, Any]
    sql: str
    line: int

    @property
    def name(self) -> str:
        return self.path.stem

    def fail(self, what: str) -> CrmKpiError:
        """An error that names this file."""
        return CrmKpiError(f"{self.path.name}: {what}")

    def parse(self) -> exp.Expression:
        """The statement, in the canonical dialect (DuckDB)."""
        return parse_sql(self.sql, str(self.path.name), self.line)

    def query(self) -> exp.Query:
        """The statement of a file that has to hold a SELECT. CrmKpiError when it does not."""
        statement = self.parse()
        if not isinstance(statement, exp.Query):
            raise self.fail("expected one SELECT statement")
        return statement

    def filled(self, **values: exp.Expression) -> exp.Query:
        """The SELECT with `values` in the place of the `$name`s declared under `placeholders`.

        Those of settings, declared elsewhere, stay. CrmKpiError for a value that is missing, or
        that is not declared.
        """
        declared = self.meta.get("placeholders") or {}
        for name in sorted(declared.keys() ^ values.keys()):
            raise self.fail(f"`${name}` is declared under `placeholders` or filled, but not both")
        query = self.query()
        for place in list(query.find_all(exp.Placeholder)):
            if place.name in values:
                place.replace(values[place.name].copy())
        return query

    @property
    def document(self) -> dict[str, Any]:
        """The front matter without what is about the file itself."""
        return {k: v for k, v in self.meta.items() if k not in ("about", "placeholders")}


def read_sql_file(path: Path) -> SqlFile:
    """Read `path`. Raises CrmKpiError when its front matter is not a YAML mapping."""
    text = read_text(path)
    if not text.lstrip().startswith(OPEN):
        return SqlFile(path, {}, text, 1)
    head, close, body = text.partition(CLOSE)
    if not close:
        raise CrmKpiError(
            f"{path.name}: the front matter opened by {OPEN} is not closed by {CLOSE}"
        )
    above = head.partition(OPEN)[0].count("\n")
    meta = parse_document(head.partition(OPEN)[2], path.name, above).content or {}
    if not isinstance(meta, dict):
        raise CrmKpiError(f"{path.name}: the front matter must be `key: value` lines")
    return SqlFile(path, meta, body.strip(), head.count("\n") + 2)


@lru_cache(maxsize=64)
def packaged(folder: str, name: str) -> SqlFile:
    """The file `sql/<folder>/<name>.sql` of this installation."""
    return read_sql_file(paths.SQL / folder / f"{name}.sql")


def read_sql_files(folder: Path, pattern: str = "*.sql") -> list[SqlFile]:
    """All SQL files of a folder, by name."""
    return [read_sql_file(path) for path in sorted(folder.glob(pattern))]


def parse_sql(sql: str, where: str, line: int = 1, dialect: str = DIALECT) -> exp.Expression:
    """Parse one statement; a CrmKpiError names `where` and the line."""
    return _parsed(sql, where, line, dialect).copy()


class _Place(dict[str, Any]):
    """Where a node stands in the text: numbers, so that a copy of the tree need not go into it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Place:
        return _Place(self)


@lru_cache(maxsize=4096)
def _parsed(sql: str, where: str, line: int, dialect: str) -> exp.Expression:
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        at = line + int(first.get("line") or 1) - 1
        problem, near = first.get("description", error), first.get("highlight", "")
        raise CrmKpiError(f"{where} line {at}: {problem} near '{near}'") from error
    for node in tree.walk():
        if node._meta is not None:
            node._meta = _Place(node._meta)
    return tree
