"""`crmkpi init` writes a profile to go on from for CRM tables that no vendor made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner
from sqlalchemy.engine import Engine

from superset_crmkpi.cli import main
from superset_crmkpi.connectors.recognise import MARKS, recognise
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import Snapshot, fetched, snapshot
from superset_crmkpi.warehouse.load import load_files
from tests.home_grown import DJANGO_CRM, SPACED, TEXTS
from tests.seeds import by_turns
from tests.warehouses import ENGINES, duckdb, postgres, run

PLUGINS = Path(__file__).parents[1] / "plugins"


@dataclass
class Warehouse:
    """An empty warehouse, and a folder for the profile."""

    engine: Engine
    folder: Path

    def fill(self, schema: str, statements: list[str]) -> None:
        run(self.engine, f"create schema {schema}", *(s.format(s=schema) for s in statements))

    def init(self, *arguments: str) -> Any:
        self.engine.dispose()
        uri = self.engine.url.render_as_string(hide_password=False)
        path = self.folder / "crmkpi.yaml"
        return CliRunner().invoke(main, ["init", "--uri", uri, "-o", str(path), *arguments])

    def sources(self) -> dict[str, Any]:
        return yaml.safe_load((self.folder / "crmkpi.yaml").read_text())["sources"]

    def kpis(self, *names: str, where: str = "1 = 1") -> list[float | None]:
        """KPIs over the profile that was written."""
        project = Project(load_profile(self.folder / "crmkpi.yaml"))
        found: list[float | None] = []
        for name in names:
            kpi = project.catalog.kpis[name]
            sql = f"select {project.compiler.expression(kpi)} as value from"
            fact = project.compiler.fact(kpi.fact)
            rows = fetched(project.engine, f"{sql} ({fact}) as v where {where}")
            found.append(None if rows[0]["value"] is None else float(rows[0]["value"]))
        project.engine.dispose()
        return found

    def doctor(self) -> dict[str, Any]:
        path = str(self.folder / "crmkpi.yaml")
        arguments = ["doctor", "--quick", "--profile", path, "--format", "json"]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout[done.stdout.index("{") :])


@pytest.fixture(params=ENGINES)
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    for engine in duckdb(tmp_path) if request.param == "duckdb" else postgres("guess"):
        yield Warehouse(engine, tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Warehouse]:
    for engine in duckdb(tmp_path):
        yield Warehouse(engine, tmp_path)


@by_turns(2)
def test_a_django_crm_counts_its_deals_by_the_profile_as_it_was_written(
    warehouse: Warehouse,
) -> None:
    warehouse.fill("crm", DJANGO_CRM)
    done = warehouse.init("--schema", "crm")
    assert done.exit_code == 0, done.output
    (source,) = warehouse.sources().values()
    assert (source["connector"], source["schema"]) == ("sql", "crm")
    assert set(source["entities"]) == {
        "account", "lead", "opportunity", "ticket", "pipeline", "stage",
    }  # fmt: skip
    told = warehouse.doctor()
    assert told["empty_tables"] == {}
    january = "created_date between date '2026-01-01' and date '2026-01-31'"
    assert warehouse.kpis("opportunities_created", where=january) == [3]
    assert warehouse.kpis("opportunities_created", "win_rate") == [4, pytest.approx(2 / 3)]
    project = Project(load_profile(warehouse.folder / "crmkpi.yaml"))
    deals = fetched(project.engine, project.live.entity("opportunity"))
    project.engine.dispose()
    assert [d["name"] for d in deals if d["closed_at"] is None] == ["C"]  # open: its day is a plan
    assert [str(d["expected_close_date"]) for d in deals if d["name"] == "C"] == ["2026-02-03"]
    february = "closed_date between date '2026-02-01' and date '2026-02-28'"
    assert warehouse.kpis("win_rate", where=february) == [0.5]


def test_what_is_not_sure_is_marked_with_the_reason(small: Warehouse) -> None:
    small.fill("crm", DJANGO_CRM)
    assert small.init("--schema", "crm").exit_code == 0
    text = (small.folder / "crmkpi.yaml").read_text()
    assert "-- ? null: `Rejected`; allowed are new, open," in text
    assert "-- ? owner_id: `created_by_id` leads to no table that was taken (user)" in text
    assert "-- ? null: `assigned`; allowed are open, working," in text
    assert "closed_on as expected_close_date  -- ? open deals have `closed_on` too" in text
    assert "-- not read: is_active" in text
    assert "#   attachments: id, file_name" in text
    assert "currency: {reporting: USD} # -- ? add rates of EUR" in text
    assert 'from "case"' in text


@pytest.mark.parametrize("mark", ["", *MARKS.values()])
def test_a_home_grown_crm_is_no_vendors_whoever_loaded_it(small: Warehouse, mark: str) -> None:
    small.fill("crm", DJANGO_CRM)
    there = snapshot(small.engine, ["crm"])
    extra = {mark: "timestamp"} if mark else {}
    marked = Snapshot({table: {**kinds, **extra} for table, kinds in there.tables.items()})  # type: ignore[dict-item]
    assert recognise(marked, connectors().values()) == []


def test_names_with_capitals_and_blanks_are_quoted(warehouse: Warehouse) -> None:
    warehouse.fill("crm", SPACED)
    assert warehouse.init("--schema", "crm").exit_code == 0
    (source,) = warehouse.sources().values()
    assert '"Deal Name" as name' in source["entities"]["opportunity"]
    assert 'from "Stages"' in source["entities"]["stage"]
    assert '"Position" as display_order' in source["entities"]["stage"]
    warehouse.doctor()


def test_a_crm_whose_names_have_capitals_and_blanks_counts_its_deals(warehouse: Warehouse) -> None:
    warehouse.fill("crm", SPACED)
    assert warehouse.init("--schema", "crm").exit_code == 0
    assert warehouse.kpis("opportunities_created", "win_rate") == [5, 0.25]


def test_stages_in_a_table_of_their_own_tell_what_is_won(warehouse: Warehouse) -> None:
    plain = [re.sub('"([^"]+)"', lambda m: m[1].lower().replace(" ", "_"), one) for one in SPACED]
    warehouse.fill("crm", plain)
    assert warehouse.init("--schema", "crm").exit_code == 0
    assert warehouse.kpis("opportunities_created", "win_rate") == [5, 0.25]


def test_texts_become_times_and_numbers_where_all_of_them_are(warehouse: Warehouse) -> None:
    warehouse.fill("crm", TEXTS)
    assert warehouse.init("--schema", "crm").exit_code == 0
    (source,) = warehouse.sources().values()
    account, deal = source["entities"]["account"], source["entities"]["opportunity"]
    assert "-- ? created_at: `created_at` holds no ISO dates: `16-10-2024`" in account
    assert "upper(nullif(country, '')) as country_code" in account
    assert "cast(nullif(closed_on, '') as date) as closed_at" in deal
    assert "-- ? owner_id: 0 of 5 values of `owner` are an id of `users`" in deal
    # d4 is archived
    assert warehouse.kpis("opportunities_created", "win_rate") == [4, pytest.approx(1 / 3)]
    january = "created_date between date '2026-01-01' and date '2026-01-31'"
    assert warehouse.kpis("opportunities_created", where=january) == [3]


def test_a_cast_that_one_late_row_would_break_is_not_written(small: Warehouse) -> None:
    """The first hundreds of rows are ISO dates; not so the last."""
    small.fill(
        "crm",
        [
            "create table {s}.deals as"
            " select cast(n as varchar) as id, 'x' as name, 'won' as status,"
            " case when n = 999 then 'soon' else '2026-01-01' end as closed_on"
            " from range(1000) as r(n)"
        ],
    )
    assert small.init("--schema", "crm").exit_code == 0
    (source,) = small.sources().values()
    deal = source["entities"]["opportunity"]
    assert "-- ? closed_at: `closed_on` has rows that cannot be cast: cast(" in deal
    assert " as closed_at" not in deal


def test_vendors_and_home_grown_tables_lie_side_by_side_in_one_profile(small: Warehouse) -> None:
    load_files(small.engine, "deals", [PLUGINS / "crmkpi-pipedrive" / "fixtures" / "dlt"])
    small.fill("own_desk", DJANGO_CRM)
    small.fill("shop", ["create table {s}.orders (id int)"])
    assert small.init().exit_code == 0
    profile = load_profile(small.folder / "crmkpi.yaml")
    found = {name: (s.connector, s.schema_) for name, s in profile.sources.items()}
    assert found == {"pipedrive": ("pipedrive", "deals"), "crm": ("sql", "own_desk")}
    assert profile.accounts is not None
    assert profile.accounts.sources == ["pipedrive", "crm"]


def test_names_of_sources_and_schemas_are_valid_whatever_the_schemas_are_called(
    small: Warehouse,
) -> None:
    for schema in ("2 Shops", "no", "Ünique"):
        run(
            small.engine,
            f'create schema "{schema}"',
            f'create table "{schema}".deals (id int, name varchar, stage varchar, amount int)',
        )
    assert small.init().exit_code == 0
    profile = load_profile(small.folder / "crmkpi.yaml")
    assert sorted(str(s.schema_) for s in profile.sources.values()) == ["2 Shops", "no", "Ünique"]


def test_what_we_built_ourselves_is_no_source(small: Warehouse) -> None:
    small.fill("crmkpi", [*DJANGO_CRM, "create table {s}.crmkpi_builds (table_name varchar)"])
    done = small.init()
    assert done.exit_code == 2
    assert "crmkpi: tables of `crmkpi build`, no source" in done.output
    assert "no schema looks like one of the installed connectors" in done.output
    assert not (small.folder / "crmkpi.yaml").exists()


def test_a_table_that_joins_two_others_is_not_taken_for_one_of_them(small: Warehouse) -> None:
    tables = ["opportunity_contacts (id int, opportunity_id int, contact_id int)"]
    small.fill("crm", [*DJANGO_CRM, *(f"create table {{s}}.{table}" for table in tables)])
    assert small.init("--schema", "crm").exit_code == 0
    (source,) = small.sources().values()
    assert "contact" not in source["entities"]


def test_a_dry_run_shows_the_profile_and_writes_none(small: Warehouse) -> None:
    small.fill("crm", DJANGO_CRM)
    done = small.init("--schema", "crm", "--dry-run")
    assert done.exit_code == 0, done.output
    assert not (small.folder / "crmkpi.yaml").exists()
    shown = done.stdout[done.stdout.index("name: CRM\n") :]
    assert small.init("--schema", "crm").exit_code == 0
    assert shown == (small.folder / "crmkpi.yaml").read_text()


def test_json_has_the_guesses_their_doubts_and_what_was_left_out(small: Warehouse) -> None:
    many = [f"create table {{s}}.log_{n} (id integer)" for n in range(45)]
    small.fill("crm", [*DJANGO_CRM, *many])
    done = small.init("--schema", "crm", "--dry-run", "--format", "json")
    (told,) = json.loads(done.stdout[done.stdout.index("[") :])
    deal = next(one for one in told["entities"] if one["entity"] == "opportunity")
    assert deal["table"] == "opportunity"
    assert deal["columns"]["probability"] == "probability / 100.0"
    assert "created_by_id" in deal["unsure"]["owner_id"]
    assert deal["unread"] == ["is_active"]
    assert told["left_out"]["attachments"] == ["id", "file_name"]
    assert "opportunity from opportunity" in told["evidence"]
    assert len(told["left_out"]) == 46
    text = small.init("--schema", "crm", "--dry-run").stdout
    assert text.count("#   log_") == 39  # and the attachments
    assert "#   and 6 more" in text


def test_values_of_the_warehouse_cannot_break_out_of_a_comment_or_a_string(
    small: Warehouse,
) -> None:
    small.fill("crm", DJANGO_CRM)
    nasty = "it's */ {{ x }}\n  key: won't"
    with small.engine.begin() as connection:
        for table, column in (("opportunity", "stage"), ('"case"', "status")):
            connection.execute(
                sa.text(f"update crm.{table} set {column} = :v where id = 3"), {"v": nasty}
            )
    assert small.init("--schema", "crm").exit_code == 0
    assert small.kpis("opportunities_created", "win_rate") == [4, pytest.approx(2 / 3)]
    small.doctor()


def test_users_and_events_of_anybody_are_no_crm(small: Warehouse) -> None:
    small.fill(
        "shop",
        [
            "create table {s}.users (id int, name varchar, email varchar)",
            "create table {s}.events (id int, type varchar, status varchar, created_at timestamp)",
            "create table {s}.orders (id int, user_id int, total int)",
        ],
    )
    done = small.init("--schema", "shop")
    assert done.exit_code == 2
    assert "no table like accounts, deals, leads or tickets" in done.output


@pytest.mark.parametrize("name", ["Won't buy", "Not won", "On hold"])
def test_only_what_says_won_is_won(small: Warehouse, name: str) -> None:
    small.fill("crm", DJANGO_CRM)
    with small.engine.begin() as connection:
        text = sa.text("update crm.opportunity set stage = :name where id = 4")
        connection.execute(text, {"name": name})
    assert small.init("--schema", "crm").exit_code == 0
    assert small.kpis("win_rate") == [0.5]  # one won, one lost


def test_activities_whose_types_nobody_knows_get_none(small: Warehouse) -> None:
    small.fill(
        "crm",
        [
            *DJANGO_CRM,
            "create table {s}.events (id int, event_type varchar, status varchar)",
            "insert into {s}.events values (1, 'click', 'open'), (2, 'scroll', 'open')",
        ],
    )
    assert small.init("--schema", "crm").exit_code == 0
    (source,) = small.sources().values()
    activity = source["entities"]["activity"]
    assert "-- ? activity_type: `event_type` has `click`, `scroll`; allowed are call," in activity
    assert " as activity_type" not in activity


def test_the_select_that_the_docs_show_is_what_init_writes(small: Warehouse) -> None:
    small.fill("crm", DJANGO_CRM)
    assert small.init("--schema", "crm").exit_code == 0
    (source,) = small.sources().values()
    page = (PLUGINS.parent / "docs" / "profile.md").read_text(encoding="utf-8")
    assert f"```sql\n{source['entities']['opportunity']}```" in page
