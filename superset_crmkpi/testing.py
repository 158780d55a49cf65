"""The contract suite for connectors, and a bench to try one on. Imported by pytest, so it is light.

The whole test of a connector:

    from pathlib import Path
    from superset_crmkpi.testing import ConnectorContract

    class TestContract(ConnectorContract):
        connector = "salesforce"
        fixtures = Path(__file__).parents[1] / "fixtures"

`fixtures` holds one CSV per logical table (`account.csv`), as the vendor gives it: also with
deleted and merged records, percentages, odd spellings. Everything runs on DuckDB in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from superset_crmkpi.connector import Connector, Mapping_
    from superset_crmkpi.model import Entity

_ENUMERATION = re.compile(r"^([\w-]+(?:\|[\w-]+)+)(?=$|\s+\()")


def enumerations(entity: Entity) -> dict[str, set[str]]:
    """Column -> the values that the model's comment `a|b|c` allows."""
    found = {}
    for column in entity.columns.values():
        match = _ENUMERATION.match(column.meaning)
        if match:
            found[column.name] = set(match.group(1).split("|"))
    return found


class Bench:
    """A connector over the CSV files of a folder, in a DuckDB of its own.

    Schema `raw` holds them as loaded (texts), `typed` the logical tables as mappings see them.
    """

    def __init__(self, connector: Connector, fixtures: Path, landing: str | None = None) -> None:
        import sqlalchemy as sa
        from sqlalchemy.pool import StaticPool

        from superset_crmkpi.load import load_files
        from superset_crmkpi.profile import Profile
        from superset_crmkpi.project import Project
        from superset_crmkpi.prune import tables_read

        assert connector.schema is not None, "the contract is for connectors with a schema.yaml"
        self.connector = connector
        self.schema = connector.schema
        self.mappings = connector.mappings({})
        self._tables = {
            name: tables_read(mapping.file.parse()) for name, mapping in self.mappings.items()
        }
        self.engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
        load_files(self.engine, "raw", sorted(fixtures.glob("*.csv")))
        source = {"connector": connector.name, "landing": landing, "schema": "raw"}
        profile = Profile.model_validate(
            {"database": {"name": "bench"}, "sources": {"bench": source}}
        )
        self.project = Project(profile, self.engine)
        self.raw = self.project.sources[0].raw
        self.execute("create schema typed")
        for table in self.schema:
            self.restore(table)

    def execute(self, sql: str) -> None:
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(sql)

    def query(self, sql: str) -> pd.DataFrame:
        import pandas as pd

        with self.engine.connect() as connection:
            result = connection.exec_driver_sql(sql)
            rows, names = result.fetchall(), list(result.keys())
        return pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object)

    def entity(self, name: str) -> pd.DataFrame:
        """The finished entity, as Superset would read it."""
        return self.query(self.project.live.entity(name))

    def mapped(self, name: str) -> pd.DataFrame:
        """What the mapping alone gives over the tables of `typed`."""
        self.execute("set search_path = 'typed'")
        try:
            return self.query(self.mappings[name].file.sql)
        finally:
            self.execute("set search_path = 'main'")

    def reads(self, table: str, column: str | None = None) -> list[str]:
        """Entities whose mapping names the table, and the column."""
        return [
            name
            for name, mapping in self.mappings.items()
            if table in self._tables[name]
            and (column is None or re.search(rf"\b{column}\b|\*", mapping.file.sql))
        ]

    def restore(self, table: str) -> None:
        """The logical table as the fixtures have it."""
        from superset_crmkpi import dialects

        query = dialects.finish(self.raw.query(table, list(self.schema[table])), "duckdb")
        self.execute(f'create or replace table typed."{table}" as {query.sql(dialect="duckdb")}')

    def change(self, table: str, expressions: dict[str, str], where: str = "true") -> None:
        """Replace columns of a logical table by expressions over it (types are kept)."""
        changed = ", ".join(
            f'cast({sql} as {_DUCKDB[self.schema[table][column]]}) as "{column}"'
            for column, sql in expressions.items()
        )
        replace = f" replace ({changed})" if changed else ""
        self.execute(
            f'create or replace table typed."{table}" as'
            f' select *{replace} from typed."{table}" where {where}'
        )


_DUCKDB = {
    "text": "varchar",
    "timestamp": "timestamp",
    "date": "date",
    "boolean": "boolean",
    "number": "double",
    "integer": "bigint",
}


class ConnectorContract:
    """Subclass it, name `connector` and `fixtures`; pytest does the rest."""

    connector: Any
    fixtures: Path
    landing: str | None = None
    _benches: dict[type, Bench] = {}  # noqa: RUF012

    @property
    def bench(self) -> Bench:
        from superset_crmkpi.connector import Connector
        from superset_crmkpi.plugins import connector

        kind = type(self)
        if kind not in self._benches:
            given = self.connector
            chosen = given if isinstance(given, Connector) else connector(given)
            landing = self.landing or next(iter(chosen.landings))
            self._benches[kind] = Bench(chosen, self.fixtures, landing)
        return self._benches[kind]

    def entities(self) -> Iterator[tuple[str, Entity, pd.DataFrame]]:
        """Each mapped entity with its finished rows."""
        from superset_crmkpi.model import load_model

        for name in self.bench.mappings:
            if not hasattr(self.bench, f"_rows_{name}"):
                setattr(self.bench, f"_rows_{name}", self.bench.entity(name))
            yield name, load_model()[name], getattr(self.bench, f"_rows_{name}")

    # -- the promises --

    def test_every_mapped_column_is_one_of_the_model(self) -> None:
        from superset_crmkpi.model import load_model

        for name, mapping in self.bench.mappings.items():
            emitted = _emitted(mapping)
            unknown = set(emitted) - set(load_model()[name].columns)
            assert not unknown, f"{name}: not in the model: {sorted(unknown)}"
            assert len(emitted) == len(set(emitted)), f"{name}: a column is given twice"
            assert "id" in emitted, f"{name}: `id` is missing"

    def test_every_mapping_has_rows_in_the_fixtures(self) -> None:
        for name, _, rows in self.entities():
            assert len(rows), f"{name}: the fixtures give no row, so nothing is tested"

    def test_every_time_and_number_of_the_fixtures_is_understood(self) -> None:
        bench = self.bench
        for table, columns in bench.schema.items():
            physical = bench.raw.physical(table)
            for column, kind in columns.items():
                name = bench.raw.column(table, column)
                if physical is None or name is None or kind == "text":
                    continue
                counted = bench.query(
                    f'select (select count("{name}") from raw."{physical.name}") as given,'
                    f' (select count("{column}") from typed."{table}") as read'
                ).iloc[0]
                current = bench.query(f'select count(*) as n from typed."{table}"').iloc[0]["n"]
                least = min(counted["given"], current)
                assert counted["read"] >= least, f"{table}.{column}: a value is no {kind}"

    def test_ids_are_unique_and_never_null(self) -> None:
        for name, _, rows in self.entities():
            assert rows["id"].notna().all(), f"{name}: an id is null"
            twice = sorted(rows["id"][rows["id"].duplicated()])
            assert not twice, f"{name}: ids are there twice: {twice[:5]}"

    def test_columns_that_must_not_be_null_are_not(self) -> None:
        from superset_crmkpi.model import MANAGED

        for name, entity, rows in self.entities():
            for column in entity.columns.values():
                if not column.nullable and column.name not in MANAGED:
                    assert rows[column.name].notna().all(), f"{name}.{column.name}: null"

    def test_enumerations_have_canonical_values(self) -> None:
        for name, entity, rows in self.entities():
            _check_enumerations(name, entity, rows)

    def test_the_case_of_vendor_values_does_not_matter(self) -> None:
        bench = self.bench
        before = {name: _enumerated(name, bench.mapped(name)) for name in bench.mappings}
        try:
            for table, columns in bench.schema.items():
                texts = [c for c, kind in columns.items() if kind == "text" and not _is_id(c)]
                bench.change(table, {column: f'upper("{column}")' for column in texts})
            for name, counts in before.items():
                assert _enumerated(name, bench.mapped(name)) == counts, name
        finally:
            for table in bench.schema:
                bench.restore(table)

    def test_probabilities_lie_between_0_and_1(self) -> None:
        bench = self.bench
        for name, entity, rows in self.entities():
            if "probability" in entity.columns:
                _check_probability(name, rows)
        try:
            for table, columns in bench.schema.items():
                if "probability" in columns:
                    bench.change(table, {"probability": "probability * 1000 + 7"})
            for name, entity, _ in self.entities():
                if "probability" in entity.columns:
                    _check_probability(name, bench.mapped(name))
        finally:
            for table in bench.schema:
                bench.restore(table)

    def test_won_and_lost_follow_the_flags_of_the_stage(self) -> None:
        rows = {name: frame for name, _, frame in self.entities()}
        if "opportunity" not in rows or "stage" not in rows:
            return
        deals = rows["opportunity"].merge(
            rows["stage"], left_on="stage_id", right_on="id", how="left", suffixes=("", "_of_stage")
        )
        assert len(deals) == len(rows["opportunity"]), "a stage id is there twice"
        assert deals["id_of_stage"].notna().all(), "an opportunity's stage is not among the stages"
        for deal in deals.to_dict("records"):
            expected = "won" if deal["is_won"] else "lost" if deal["is_closed"] else "open"
            assert deal["status"] == expected, f"{deal['id']}: {deal['status']}, stage: {expected}"
            assert (deal["closed_at"] is None) == (expected == "open") or "closed_at" not in deal
        assert {"won", "lost", "open"} <= set(deals["status"]), "the fixtures need all three"

    def test_deleted_and_merged_records_are_gone(self) -> None:
        for name, _, rows in self.entities():
            if "is_deleted" not in _emitted(self.bench.mappings[name]):
                continue
            mapped = self.bench.mapped(name)
            gone = set(mapped.loc[mapped["is_deleted"].eq(True), "id"].astype(str))
            assert gone, f"{name}: the fixtures hold no deleted record"
            assert not gone & set(rows["source_id"]), f"{name}: a deleted record is there"

    def test_keys_point_at_records_of_the_right_kind(self) -> None:
        known = {name: set(self.bench.mapped(name)["id"]) for name in self.bench.mappings}
        for name, entity, rows in self.entities():
            for column in entity.columns.values():
                if column.references in known:
                    keys = {str(key).partition(":")[2] for key in rows[column.name].dropna()}
                    lost = keys - known[column.references]
                    assert not lost, f"{name}.{column.name}: no {column.references}: {lost}"

    def test_any_table_may_be_missing(self) -> None:
        for table in self.bench.schema:
            try:
                self.bench.change(table, {}, where="false")
                self._run_mappings_over(table, None)
            finally:
                self.bench.restore(table)

    def test_any_column_may_be_missing(self) -> None:
        for table, columns in self.bench.schema.items():
            for column in columns:
                try:
                    self.bench.change(table, {column: "null"})
                    self._run_mappings_over(table, column)
                finally:
                    self.bench.restore(table)

    def _run_mappings_over(self, table: str, column: str | None) -> None:
        from superset_crmkpi.model import load_model

        for name in self.bench.reads(table, column):
            try:
                rows = self.bench.mapped(name)
            except Exception as error:
                lack = f"column {table}.{column}" if column else f"table {table}"
                raise AssertionError(f"{name} without {lack}: {error}") from error
            ids = rows["id"].dropna()
            assert ids.is_unique, f"{name} without {table}.{column}: ids are there twice"
            _check_enumerations(name, load_model()[name], rows)


def _emitted(mapping: Mapping_) -> list[str]:
    """Names of the columns a mapping gives."""
    from sqlglot import exp

    query = mapping.file.parse()
    assert isinstance(query, exp.Query)
    return [str(column) for column in query.named_selects]


def _is_id(column: str) -> bool:
    return column == "id" or column.endswith("_id")


def _check_enumerations(name: str, entity: Entity, rows: pd.DataFrame) -> None:
    for column, allowed in enumerations(entity).items():
        if column in rows:
            others = set(rows[column].dropna()) - allowed
            assert not others, f"{name}.{column}: {sorted(others)}; allowed: {sorted(allowed)}"


def _check_probability(name: str, rows: pd.DataFrame) -> None:
    if "probability" not in rows:
        return
    values = rows["probability"].dropna().astype(float)
    assert values.between(0, 1).all(), f"{name}.probability: {sorted(values)[-3:]}"


def _enumerated(name: str, rows: pd.DataFrame) -> dict[str, dict[Any, int]]:
    """Column -> value -> how often, of the columns with enumerations."""
    from superset_crmkpi.model import load_model

    columns = enumerations(load_model()[name])
    return {c: rows[c].value_counts().to_dict() for c in columns if c in rows}
