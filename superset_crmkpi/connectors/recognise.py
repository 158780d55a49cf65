"""Which vendor's tables lie in a schema, and which loader brought them, with the evidence.

Every installed connector is held against what is there: its tables and columns by the names of each
of its landings, and the columns by which loaders mark their tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from superset_crmkpi.connectors.connector import Connector, squash
from superset_crmkpi.connectors.raw_tables import RawTables
from superset_crmkpi.connectors.usual_names import WORDS
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.warehouse.connect import Snapshot

#: loader, as landings are named after it -> a column that it adds to each of its tables
MARKS = {"fivetran": "_fivetran_synced", "airbyte": "_airbyte_extracted_at", "dlt": "_dlt_load_id"}
#: a guess needs this many tables, and this part of their columns
_TABLES, _COLUMNS = 2, 0.5
#: and so many columns that are not called as anybody would call them: a home-grown CRM has tables
#: `accounts` and `leads` with name, email and website too, and a loader marks these as any others.
#: Django-CRM has 12 of the 20 columns of three tables of a vendor and none that is the vendor's
#: own; our fixtures have 13 (Freshdesk alone) to some hundreds, real exports 22 and more.
_OWN = 5


@dataclass(frozen=True)
class Guess:
    """`tables` of the connector that were found, and how many of their `columns`, of `known`.

    `mark` is the loader's column that stands in them; `score` compares guesses.
    """

    schema: str
    connector: str
    landing: str
    tables: tuple[str, ...]
    columns: int
    known: int
    mark: str
    score: float
    #: columns found that only a vendor calls so
    own: int = 0

    @property
    def evidence(self) -> str:
        """The reasons in words."""
        names = ", ".join(self.tables[:4]) + (", ..." if len(self.tables) > 4 else "")
        found = f"{len(self.tables)} tables ({names}) with {self.columns} of {self.known} columns"
        return f"{found}, marked by {self.mark}" if self.mark else found

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "evidence": self.evidence}


def recognise(snapshot: Snapshot, connectors: Iterable[Connector]) -> list[Guess]:
    """The best guess per schema, the surest first; none where nothing fits."""
    known = [connector for connector in connectors if connector.schema]
    best = []
    for schema in sorted(snapshot.schemas()):
        guesses = [
            guess
            for connector in known
            for landing in connector.landings
            if (guess := likeness(snapshot, schema, connector, landing)) is not None
            and guess.own >= _OWN
        ]
        if guesses:
            best.append(max(guesses, key=lambda guess: guess.score))
    return sorted(best, key=lambda guess: -guess.score)


def likeness(snapshot: Snapshot, schema: str, connector: Connector, landing: str) -> Guess | None:
    """How far the schema's tables are the connector's by that landing; None when they are not."""
    assert connector.schema is not None
    source = Source.model_validate({"connector": connector.name, "schema": schema})
    raw = RawTables(source, connector.schema, connector.landings[landing], snapshot)
    found = {
        table: physical
        for table in connector.schema
        if (physical := raw.physical(table)) is not None and physical.schema == schema
    }
    own = {table: connector.schema[table] for table in found if found[table].array is None}
    there = [name for table, names in own.items() for name in _there(raw, table, names)]
    columns, wanted = len(there), sum(len(columns) for columns in own.values())
    if len(own) < min(_TABLES, len(connector.schema)) or columns < _COLUMNS * wanted:
        return None
    loader = next((name for name in MARKS if landing.startswith(name)), "")
    marks = {mark for p in found.values() for mark in MARKS.values() if mark in p.columns}
    mark = MARKS.get(loader, "")
    if marks and mark not in marks:
        return None
    rows = len(found) - len(own)
    share = columns / max(wanted, 1)
    covered = (len(own) + rows) / len(connector.schema)
    score = columns * share * share + 10 * covered + (5 if mark in marks else 0)
    shown = mark if mark in marks else ""
    tables = tuple(sorted(p.name for table, p in found.items() if table in own))
    special = sum(1 for name in there if squash(name) not in WORDS)
    return Guess(
        schema, connector.name, landing, tables, columns, wanted, shown, round(score, 2), special
    )


def _there(raw: RawTables, table: str, columns: Mapping[str, str]) -> list[str]:
    """The columns that have one of their own; inside of JSON nobody knows."""
    places = {column: raw.column(table, column) for column in columns}
    return [name for name, place in places.items() if place is not None and place.path is None]
