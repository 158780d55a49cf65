"""SQL of facts that an earlier test or run compiled from the same code, kept for the next one.

Most tests run facts over built tables: such SQL follows from the package, the facts and the
settings alone, and to compile it costs more than to ask it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

import sqlglot

from superset_crmkpi.base import paths
from superset_crmkpi.base.cache import Cache, content_digest, digest
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations

FOLDER = Path(__file__).parents[1] / ".pytest_cache" / "d" / "compiled"
#: bytes; a run of all tests keeps some 50 MB
LIMIT = 300_000_000
# what a mutant is compiled to is asked once
KEPT = Cache(None if "CRMKPI_TEST_SQL" in os.environ else FOLDER, LIMIT)


class Remembering(Compiler):
    """A compiler over built tables that compiles a fact once, be it in another process."""

    def __init__(self, catalog: Catalog, schema: str, settings: CompileSettings) -> None:
        super().__init__(load_model(), catalog, BuiltRelations(schema), settings)
        self._schema_name = schema
        self._asked: dict[tuple[str, tuple[str, ...] | None], str] = {}

    def fact(self, name: str, columns: Iterable[str] | None = None) -> str:
        key = name, None if columns is None else tuple(columns)
        if key not in self._asked:
            whole = super().fact
            kept = digest([self._follows_from, *key])
            self._asked[key] = KEPT.remember(kept, lambda: whole(*key))
        return self._asked[key]

    @cached_property
    def _follows_from(self) -> list[object]:
        facts = {
            name: [fact.file.path.parts[-2:], fact.file.sql, fact.meta.model_dump()]
            for name, fact in self.catalog.facts.items()
        }
        return [*_code(), self._schema_name, repr(self.settings), facts]


@lru_cache(maxsize=1)
def _code() -> list[str]:
    package = Path(paths.__file__).parents[1]
    return [sqlglot.__version__, content_digest(package), content_digest(paths.SQL)]
