"""A profile to go on from: known vendors by their connectors, other CRM tables by SELECTs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.recognise import Guess, recognise
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.project.contents import Contents
from superset_crmkpi.project.guess import SYSTEM, guess_tables, ours
from superset_crmkpi.project.guessed_select import GuessedEntity, guessed_entities
from superset_crmkpi.project.records import written
from superset_crmkpi.warehouse.connect import Snapshot, fetched
from superset_crmkpi.warehouse.load import LEDGER as LOADS

#: entities of which one at least makes a schema that of a CRM; users and events are anybody's
LEADING = frozenset({"account", "contact", "lead", "opportunity", "ticket", "subscription"})
#: tables left out that are listed, and columns of each
_TABLES, _COLUMNS = 40, 12
PERSONAL = "personal_data: false # true shows who customers are: names, addresses, what they wrote"


@dataclass(frozen=True)
class HomeGrown:
    """The CRM tables of no vendor in one schema. `left_out`: table -> its columns."""

    schema: str
    entities: dict[str, GuessedEntity]
    left_out: dict[str, list[str]]
    currencies: tuple[str, ...] = ()

    connector = "sql"
    landing = "tables"

    @property
    def evidence(self) -> str:
        """What was taken for what."""
        taken = ", ".join(
            f"{one.entity} from {one.table}"
            for one in self.entities.values()
            if one.entity != "pipeline"
        )
        return f"by names and contents: {taken}; please check each `-- ?`"

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": self.schema,
            "connector": self.connector,
            "landing": self.landing,
            "evidence": self.evidence,
            "entities": [one.to_dict() for one in self.entities.values()],
            "left_out": self.left_out,
        }


@dataclass(frozen=True)
class Findings:
    """What lies in a warehouse; `built` are schemas that `crmkpi build` made."""

    vendors: Sequence[Guess]
    home_grown: Sequence[HomeGrown]
    built: Sequence[str] = ()

    @property
    def sources(self) -> list[Guess | HomeGrown]:
        return [*self.vendors, *self.home_grown]


def look(engine: Engine, snapshot: Snapshot, known: Iterable[Connector]) -> Findings:
    """Recognise vendors, and guess in the schemas that are no vendor's."""
    built = sorted(schema for schema in snapshot.schemas() if ours(snapshot, schema))
    free = {key: kinds for key, kinds in snapshot.tables.items() if key[0] not in built}
    vendors = recognise(Snapshot(free), known)
    taken = {guess.schema for guess in vendors} | SYSTEM | set(built)
    contents = Contents(engine)
    guesses = [
        found
        for schema in sorted(snapshot.schemas() - taken)
        if (found := _home_grown(snapshot, schema, contents)) is not None
    ]
    return Findings(vendors, guesses, built)


def _home_grown(snapshot: Snapshot, schema: str, contents: Contents) -> HomeGrown | None:
    entities = guessed_entities(guess_tables(snapshot, schema), contents)
    if not LEADING & set(entities):
        return None
    read = {one.table for one in entities.values()}
    left_out = {
        table: list(kinds)
        for table, kinds in sorted(snapshot.schema(schema).items())
        if table not in read and table != LOADS
    }
    return HomeGrown(schema, entities, left_out, _currencies(schema, entities, contents))


def _currencies(
    schema: str, entities: dict[str, GuessedEntity], contents: Contents
) -> tuple[str, ...]:
    """Currencies of the deals, or else of the subscriptions, the commonest first."""
    for name in ("opportunity", "subscription"):
        one = entities.get(name)
        if one is None or "currency" not in one.columns:
            continue
        sql = (
            f"select {one.columns['currency']} as c, count(*) as n"
            f" from {contents.table(schema, one.table)} group by 1"
        )
        try:
            counts = Counter({str(r["c"]): r["n"] for r in fetched(contents.engine, sql) if r["c"]})
        except SQLAlchemyError:
            continue
        return tuple(c for c, _ in counts.most_common() if re.fullmatch("[A-Z]{3}", c))
    return ()


def profile_text(uri: str, found: Findings) -> str:
    """The profile, with evidence, doubts and what was left out as comments."""
    lines = ["name: CRM", "database:", "  name: CRM warehouse", f"  uri: {json.dumps(uri)}"]
    lines.append("sources:")
    names: dict[str, Guess | HomeGrown] = {}
    for source in found.sources:
        name = _source_name(source, names)
        names[name] = source
        lines += [
            f"  {name}: # {_plain(source.evidence)}",
            f"    connector: {source.connector}",
            f"    landing: {source.landing}",
            f"    schema: {_scalar(source.schema)}",
        ]
        if isinstance(source, Guess):
            lines += _address(source)
        if isinstance(source, HomeGrown):
            lines.append("    time_zone: UTC # -- ? of times that have no zone")
            lines += _entities(source)
    lines += _accounts(names)
    lines += ["calendar: {time_zone: UTC, week_start: monday}", *_currency(found), PERSONAL]
    return "\n".join(lines) + "\n"


def _address(source: Guess) -> list[str]:
    """What lists need to open records, where one has to be given."""
    examples = connectors()[source.connector].records.bases
    if not examples:
        return []
    return [f"    # record_base: {written(examples)} # yours, and lists open records"]


def _source_name(source: Guess | HomeGrown, taken: Iterable[str]) -> str:
    """A name that is valid and free."""
    own = re.sub("[^a-z0-9]+", "_", source.schema.lower()).strip("_")
    vendor = source.connector if isinstance(source, Guess) else "crm"
    tries = [vendor, f"{vendor}_{own}", *(f"{vendor}_{own}_{n}" for n in range(2, 1000))]
    return next(name.rstrip("_") for name in tries if name.rstrip("_") not in taken)


def _entities(source: HomeGrown) -> list[str]:
    lines = ["    entities:"]
    for one in source.entities.values():
        lines += [f"      {one.entity}: |", *(f"        {line}" for line in one.sql.splitlines())]
        if one.unread:
            lines.append(f"        -- not read: {_some(one.unread)}")
    if source.left_out:
        lines.append(f"    # left out, {len(source.left_out)} tables:")
    for table in list(source.left_out)[:_TABLES]:
        lines.append(f"    #   {_plain(table)}: {_some(source.left_out[table])}")
    if len(source.left_out) > _TABLES:
        lines.append(f"    #   and {len(source.left_out) - _TABLES} more")
    return lines


def _some(names: Sequence[str]) -> str:
    rest = f", and {len(names) - _COLUMNS} more" if len(names) > _COLUMNS else ""
    return ", ".join(_plain(name) for name in names[:_COLUMNS]) + rest


def _plain(text: str) -> str:
    """A text that stays on its line of a comment."""
    return "".join(char if char.isprintable() else "?" for char in text).replace("*/", "?")


def _scalar(text: str) -> str:
    """A text of YAML, in quotes where it needs them."""
    simple = re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text)
    word = text.lower() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
    return text if simple and not word else json.dumps(text)


def _currency(found: Findings) -> list[str]:
    codes = list(dict.fromkeys(c for source in found.home_grown for c in source.currencies))
    reporting, others = (codes[0], codes[1:]) if codes else ("EUR", [])
    lines = [f"currency: {{reporting: {reporting}}}"]
    if found.home_grown and not codes:
        lines[0] += " # -- ? of amounts whose currency no column tells"
    if others:
        lines[0] += (
            f" # -- ? add rates of {', '.join(others[:12])}: without one, amounts are left out"
        )
    return lines


def _accounts(names: dict[str, Guess | HomeGrown]) -> list[str]:
    """The sources that have accounts, one that has opportunities first."""
    mapped = {
        name: set(source.entities)
        if isinstance(source, HomeGrown)
        else set(connectors()[source.connector].mappings({}))
        for name, source in names.items()
    }
    known = [name for name in names if "account" in mapped[name]]
    known.sort(key=lambda name: "opportunity" not in mapped[name])
    if len(known) < 2:
        return []
    return [
        "accounts: # one company in several systems; who comes first, leads",
        f"  sources: [{', '.join(known)}]",
    ]
