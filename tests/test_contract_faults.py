"""Faults that authors of connectors make, planted in a copy of one: the contract notices each."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import SqlFile, read_sql_files
from superset_crmkpi.connector import Connector, EntityMapping, Landing
from superset_crmkpi.connectors.newest import RowKeys
from superset_crmkpi.connectors.records import Records
from superset_crmkpi.kit.contract import PROMISES, Bench, NotRun
from superset_crmkpi.kit.contract.form import every_column_of_the_schema_is_read
from superset_crmkpi.kit.coverage_table import check_readme
from superset_crmkpi.query.compose import with_parts
from superset_crmkpi.query.prune import tables_read
from tests.seeds import by_turns, within

PLUGIN = Path(__file__).parents[1] / "plugins" / "crmkpi-pipedrive"
PACKAGE, FIXTURES, LANDING = PLUGIN / "crmkpi_pipedrive", PLUGIN / "fixtures", "dlt"


@dataclass(frozen=True)
class Fault:
    """In a file of the connector, `old` becomes `new` (once).

    `promise` alone notices it: the author's own `expected.yaml` may be as wrong as the mapping.
    """

    file: str
    old: str
    new: str
    promise: str = ""


FAULTS = {
    name: Fault(**fault)
    for name, fault in yaml.safe_load(
        Path(__file__).with_name("contract_faults.yaml").read_text(encoding="utf-8")
    ).items()
}


@dataclass(frozen=True)
class Part(Connector):
    """A connector of which only some entities are looked at, for the time it saves."""

    only: tuple[str, ...] = ()

    def mappings(self, options: Mapping[str, Any]) -> dict[str, EntityMapping]:
        return {name: m for name, m in super().mappings(options).items() if name in self.only}

    @cached_property
    def schema(self) -> dict[str, dict[str, str]]:
        whole = super().schema
        assert whole is not None
        assert self.folder is not None
        every = {file.name: file for file in read_sql_files(self.folder / "parts")}
        read = {
            table
            for m in self.mappings({}).values()
            for table in tables_read(with_parts(m.file.query(), every))
        }
        return {table: columns for table, columns in whole.items() if table in read}

    @cached_property
    def parts(self) -> dict[str, SqlFile]:
        found = super().parts
        queries = [m.file.query() for m in self.mappings({}).values()]
        read = {
            cte.alias for query in queries for cte in with_parts(query, found).find_all(exp.CTE)
        }
        return {name: file for name, file in found.items() if name in read}

    @cached_property
    def records(self) -> Records:
        whole = super().records
        pages = {name: page for name, page in whole.pages.items() if name in self.only}
        return whole.model_copy(update={"pages": pages})

    def _check_keys(self, keys: RowKeys) -> None:
        """Those of all tables."""

    def _check_names(self, landing: Landing, file: str) -> None:
        """The landing speaks of the tables of all entities."""


SALES = ("opportunity", "opportunity_history", "stage")


def entities(fault: Fault) -> tuple[str, ...]:
    """Those that the fault may show in."""
    entity = Path(fault.file).stem
    if entity == "primary_email" or "person_emails" in fault.old:
        return ("contact",)
    if "/leads/" in fault.old:
        return ("lead",)
    if not fault.file.startswith("mapping/"):
        return ("activity",) if entity == "values" else SALES
    return SALES if entity in SALES else (entity,)


def planted(fault: Fault, folder: Path) -> Connector:
    """A copy of the connector with the fault in it."""
    copy = folder / "crmkpi_pipedrive"
    shutil.copytree(PACKAGE, copy)
    path = copy / fault.file
    text = path.read_text(encoding="utf-8")
    assert fault.old in text, f"{fault.file} has changed: plant this fault anew"
    path.write_text(text.replace(fault.old, fault.new, 1), encoding="utf-8")
    return Part(name="pipedrive", label="Pipedrive", folder=copy, only=entities(fault))


def broken(connector: Connector, promise: str = "") -> str:
    """The first promise that the connector breaks, or this one; empty when it keeps all."""
    try:
        bench = Bench(connector, FIXTURES, LANDING)
    except CrmKpiError as error:
        return error.message
    for name, keeps in PROMISES.items():
        # what these entities do not read, others may
        if promise not in ("", name) or keeps is every_column_of_the_schema_is_read:
            continue
        try:
            keeps(bench)
        except NotRun:
            continue
        except Exception as error:
            return f"{name}: {error}"
    return ""


@by_turns(3)
@pytest.mark.parametrize("only", sorted({entities(fault) for fault in FAULTS.values()}))
def test_without_a_fault_all_is_kept(only: tuple[str, ...]) -> None:
    assert not broken(Part(name="pipedrive", label="Pipedrive", folder=PACKAGE, only=only))


def test_there_are_more_than_thirty() -> None:
    assert len(FAULTS) >= 30


@pytest.mark.parametrize(
    "name", within(4, [n for n, f in FAULTS.items() if "landings/" not in f.file])
)
def test_a_planted_fault_is_noticed(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    assert broken(planted(fault, tmp_path), fault.promise), "the contract keeps silent"


def test_a_mark_of_deleted_records_that_no_mapping_reads_is_noticed(tmp_path: Path) -> None:
    flag = Fault("schema.yaml", "notes:\n", "notes:\n  is_trashed: boolean\n")
    part = planted(flag, tmp_path)
    whole = Connector(name=part.name, label=part.label, folder=part.folder)
    with pytest.raises(AssertionError, match=r"no mapping reads `notes\.is_trashed`"):
        every_column_of_the_schema_is_read(Bench(whole, FIXTURES, LANDING))


@pytest.mark.parametrize("name", [n for n, f in FAULTS.items() if "landings/" in f.file])
def test_what_a_landing_no_longer_finds_is_missing_in_the_coverage(
    name: str, tmp_path: Path
) -> None:
    part = planted(FAULTS[name], tmp_path)
    whole = Connector(name=part.name, label=part.label, folder=part.folder)
    benches = [Bench(whole, FIXTURES, landing) for landing in sorted(whole.landings)]
    with pytest.raises(AssertionError, match="tells another coverage"):
        check_readme(PLUGIN / "README.md", benches)


def test_every_change_of_a_query_that_is_planned_once_is_made() -> None:
    """A planner that knew the table of changes would leave all out but the one it saw."""
    bench = Bench(
        Part(name="pipedrive", label="Pipedrive", folder=PACKAGE, only=("contact",)),
        FIXTURES,
        LANDING,
    )
    changes = {("persons", "first_name"): "'X'", ("persons", "last_name"): "'Y'"}
    found = {place[1]: ask() for place, ask in bench.each_mapped("contact", changes)}
    assert set(found["first_name"]["first_name"]) == {"X"} != set(found["last_name"]["first_name"])
    assert set(found["last_name"]["last_name"]) == {"Y"} != set(found["first_name"]["last_name"])
