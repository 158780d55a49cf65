"""A source described by the user's own SELECT statements, one per canonical entity.

    sources:
      helpdesk:
        connector: sql
        schema: helpdesk
        entities:
          ticket: |
            select ticket_no as id, opened_at as created_at, ... from tickets
          account: {file: sql/account.sql}

The SELECTs are written in the warehouse's own dialect; names without a schema are those of the
source's `schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from superset_crmkpi.connector import (
    Connector,
    CrmKpiError,
    EntityMapping,
    Landing,
    SqlFile,
    load_model,
)
from superset_crmkpi.hookspecs import hookimpl

_FORM = "write `<entity>: SELECT ...` or `<entity>: {file: path.sql}` under `entities`"


class SqlConnector(Connector):
    """Mappings come from the profile's `entities`, tables from the source's schema."""

    schema = None
    landings = {"tables": Landing(label="tables of the warehouse")}  # noqa: RUF012

    def mappings(self, options: Mapping[str, Any]) -> dict[str, EntityMapping]:
        """`options["entities"]`: entity -> SELECT or `{file: path}`. CrmKpiError when malformed."""
        entities = options.get("entities")
        if not isinstance(entities, Mapping) or not entities:
            raise CrmKpiError(f"connector `sql` needs `entities`; {_FORM}")
        found = {}
        for entity, given in entities.items():
            if entity not in load_model():
                known = ", ".join(sorted(load_model()))
                raise CrmKpiError(f"entities.{entity}: no such canonical entity; known: {known}")
            found[entity] = EntityMapping(entity, _read(entity, given), dialect=None)
        return found


def _read(entity: str, given: Any) -> SqlFile:
    if isinstance(given, str) and given.strip():
        return SqlFile(Path("crmkpi.yaml"), {}, given, 1)
    if isinstance(given, Mapping) and set(given) == {"file"}:
        path = Path(str(given["file"]))
        try:
            return SqlFile(path, {}, path.read_text(encoding="utf-8-sig"), 1)
        except OSError as error:
            raise CrmKpiError(
                f"entities.{entity}: {path} cannot be read ({error.strerror}); "
                "paths are relative to the folder the command runs in"
            ) from error
    raise CrmKpiError(f"entities.{entity}: {_FORM}")


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(SqlConnector("sql", "Your own SELECT statements", options=("entities",)))
