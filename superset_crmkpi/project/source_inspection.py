"""What the rows of the sources say before anybody trusts a dashboard.

Whose tables they are, labels that nobody mapped to a value of the model, and columns that nobody
reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.engine import Engine
from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.compile.live import raw_name, with_raw
from superset_crmkpi.connectors.labels import OTHERS, known_labels
from superset_crmkpi.connectors.raw_tables import Physical
from superset_crmkpi.connectors.recognise import likeness, recognise
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.connectors.selected import user_selects
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import fetched


@dataclass(frozen=True)
class Recognised:
    """What a source's schema is by the profile, with the evidence; `looks_like` when it is not."""

    source: str
    connector: str
    landing: str
    schema: str
    evidence: str
    looks_like: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def recognised(project: Project) -> list[Recognised]:
    """Vendor and loader of each source with a schema, held against the tables that are there."""
    best = {guess.schema: guess for guess in recognise(project.snapshot, connectors().values())}
    found = []
    for source in project.sources:
        schema, connector = source.source.schema_, source.connector
        if not schema:
            continue
        landing = source.source.landing or next(iter(connector.landings))
        own = None
        if connector.schema is not None:
            own = likeness(project.snapshot, schema, connector, landing)
        other = best.get(schema) if own is None else None
        looks = f"{other.connector} by {other.landing}: {other.evidence}" if other else ""
        evidence = own.evidence if own else ""
        found.append(Recognised(source.name, connector.name, landing, schema, evidence, looks))
    return found


@dataclass(frozen=True)
class Matching:
    """How many `accounts` of a source were matched, by each rule, and the `ambiguous` ones."""

    source: str
    accounts: int
    matched: int
    by: dict[str, int]
    ambiguous: int
    #: (account, its id, how many came into question, two of these)
    unclear: list[tuple[str, str, int, str, str]]

    @property
    def rate(self) -> float | None:
        """Matched over all; None without an account."""
        return self.matched / self.accounts if self.accounts else None

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "rate": self.rate}


def account_matching(project: Project) -> list[Matching]:
    """The accounts of each source after the first against those before it."""
    if project.matching is None:
        return []
    rows = fetched(project.engine, project.live.entity("account_match"))
    found = []
    for source in project.matching.names[1:]:
        own = [row for row in rows if row["source"] == source]
        matched = Counter(row["matched_by"] for row in own if row["status"] == "matched")
        ambiguous = [row for row in own if row["status"] == "ambiguous"]
        unclear = sorted(
            (
                row["name"],
                row["id"],
                row["candidates"],
                row["candidate_id"],
                row["other_candidate_id"],
            )
            for row in ambiguous
        )
        total = sum(matched.values())
        found.append(
            Matching(
                source, len(own), total, dict(sorted(matched.items())), len(ambiguous), unclear
            )
        )
    return found


def not_matched(project: Project) -> list[str]:
    """Sources with accounts that nobody matches with those of the others."""
    known = [source.name for source in project.sources if source.usable("account")]
    listed = project.profile.accounts.sources if project.profile.accounts else []
    return [name for name in known if name not in listed] if len(known) > 1 else []


@dataclass(frozen=True)
class UnmappedLabel:
    """A label of the vendor that stands in `rows` rows, and the value it falls back to."""

    source: str
    column: str
    label: str
    rows: int
    becomes: str | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def unmapped_labels(project: Project) -> list[UnmappedLabel]:
    """Labels without a value of their own, per source and column, the commonest first."""
    return [
        found
        for source in project.sources
        for name in sorted(source.labels)
        for found in _unmapped(project.engine, source, *name.split("."))
    ]


def _unmapped(
    engine: Engine, source: MappedSource, entity: str, column: str
) -> Iterator[UnmappedLabel]:
    if not source.usable(entity) or column not in source[entity].emits:
        return
    labels = source.labels[f"{entity}.{column}"]
    known = sorted(known_labels(labels, source.model[entity].allowed[column]))
    label = exp.func("lower", exp.func("trim", exp.column(column, "m")))
    query = (
        exp.select(exp.alias_(label, "label"), exp.alias_(exp.Count(this=exp.Star()), "rows_found"))
        .from_(exp.alias_(exp.to_table("mapped"), "m", table=True))
        .where(exp.NEQ(this=label.copy(), expression=exp.Literal.string("")))
        .where(exp.not_(label.copy().isin(*known)))
        .group_by(label.copy())
    )
    mapped = source[entity].labelled({column})
    for table, columns in mapped.reads.items():
        query = query.with_(raw_name(source.name, table), as_=source.raw.query(table, columns))
    query = query.with_("mapped", as_=with_raw(source, mapped))
    text = dialects.finish(query, source.dialect).sql(dialect=source.dialect)
    becomes = labels.get(OTHERS)
    counted = [(str(row["label"]), int(row["rows_found"])) for row in fetched(engine, text)]
    for name, number in sorted(counted, key=lambda pair: (-pair[1], pair[0])):
        yield UnmappedLabel(source.name, f"{entity}.{column}", name, number, becomes)


@dataclass(frozen=True)
class UnreadField:
    """A column of a record's own table that the connector does not read; `filled` of its `rows`."""

    source: str
    entity: str
    table: str
    field: str
    kind: str
    filled: int
    rows: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def unread_fields(project: Project, only: str | None = None) -> list[UnreadField]:
    """Columns that the profile's `fields` could take up, per source, the fullest first.

    `only` names one source. A key inside of a JSON document is no column, and not listed.
    """
    found: list[UnreadField] = []
    for source in project.sources:
        if only not in (None, source.name):
            continue
        if source.connector.schema is None:
            found += _unread_by_selects(project.engine, source)
            continue
        seen: set[str] = set()
        for entity in source:
            for table in sorted({table for table, _ in source[entity].leaves.get("id", set())}):
                physical = source.raw.physical(table)
                if physical is None or table in seen:
                    continue
                seen.add(table)
                read = {
                    place.column
                    for column in source.raw.logical[table]
                    if (place := source.raw.column(table, column)) is not None
                }
                unread = {
                    name: kind
                    for name, kind in physical.columns.items()
                    if name not in read and not name.startswith("_")
                }
                found += _counted(project.engine, source, entity, physical, unread)
    return sorted(found, key=lambda f: (f.source, f.entity, f.table, -f.filled, f.field))


def _unread_by_selects(engine: Engine, source: MappedSource) -> Iterator[UnreadField]:
    """Columns that no SELECT of the user's names, of the tables that these read."""
    selects = user_selects([source])
    names = {name for one in selects for name in one.select.names(source.dialect)}
    seen: set[tuple[str, str]] = set()
    for one in selects:
        for physical in one.select.physical:
            place = (physical.schema, physical.name)
            whole = any(s.select.reads_all_of(physical) for s in selects)
            if place in seen or whole:
                continue
            seen.add(place)
            unread = {n: k for n, k in physical.columns.items() if n.lower() not in names}
            yield from _counted(engine, source, one.entity.name, physical, unread)


def _counted(
    engine: Engine,
    source: MappedSource,
    entity: str,
    physical: Physical,
    unread: Mapping[str, str],
) -> Iterator[UnreadField]:
    """The unread columns of a table, with the number of their values."""
    counts = _filled(engine, source, physical.table, list(unread))
    where = f"{physical.schema}.{physical.name}"
    for (name, kind), filled in zip(unread.items(), counts, strict=False):
        yield UnreadField(source.name, entity, where, name, kind, filled, counts[-1])


def _filled(engine: Engine, source: MappedSource, table: exp.Table, names: list[str]) -> list[int]:
    """How many rows have a value in each column, and the number of rows."""
    counts: list[exp.Expression] = [
        exp.Count(this=exp.column(exp.to_identifier(name, quoted=True))) for name in names
    ]
    every = [*counts, exp.Count(this=exp.Star())]
    query = exp.select(*(exp.alias_(n, f"n{place}") for place, n in enumerate(every))).from_(table)
    (row,) = fetched(engine, query.sql(dialect=source.dialect))
    return [int(number) for number in row.values()]
