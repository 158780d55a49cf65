"""Definitions that are not ours: what they may add, what they may replace, and whose they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.paths import SQL
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.bundle.datasets import about, certification
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.plugins.definitions import Folder, Folders, beside, built_in
from superset_crmkpi.profile.packs import load_packs
from superset_crmkpi.project.load import load_profile
from tests.commands import run
from tests.test_catalog import FACT, KPI

WIN_RATE = "sql/kpis/conversion/win_rate.sql"
PROFILE = """database: {name: w}
sources: {crm: {connector: salesforce, landing: fivetran}}
"""
BOARD = """audience: toys
title: Toys
slug: toys
description: Toys.
tabs:
  - title: Toys
    use: reporting
    rows: [{tiles: [{kpi: toy_rate, chart: number, width: 12}]}]
"""
Write = Callable[..., Path]


@pytest.fixture
def crm(tmp_path: Path) -> Write:
    """Writes files of the folder `crm`: `crm("sql/facts/toys.sql", FACT)`."""

    def write(name: str, text: str, folder: str = "crm") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path / folder

    return write


def toys(crm: Write, fact: str = FACT, kpi: str = KPI) -> Path:
    crm("sql/facts/toys.sql", fact)
    return crm("sql/kpis/conversion/toy_rate.sql", kpi)


def win_rate(*extra: str) -> str:
    """Our own file with lines added to its front matter."""
    text = (SQL / "kpis" / "conversion" / "win_rate.sql").read_text()
    return text.replace("unit: percent\n", "\n".join(["unit: percent", *extra, ""]), 1)


def levels(crm: Path, plugin: Path | None = None) -> Folders:
    middle = (Folder(plugin, "crmkpi-oak", 1),) if plugin else ()
    return (*built_in(), *middle, Folder(crm, "folder crm", 2))


# -- what they add --------------------------------------------------------------------------------


def test_a_fact_and_a_kpi_stand_beside_ours(crm: Write) -> None:
    folders = beside([toys(crm)])
    catalog = load_catalog(folders)
    assert set(catalog.kpis) - set(load_catalog().kpis) == {"toy_rate"}
    assert set(catalog.facts) - set(load_catalog().facts) == {"toys"}
    assert catalog.kpis["toy_rate"].whose == catalog.facts["toys"].whose == "folder crm"
    assert catalog.kpis["win_rate"].whose == ""


def test_a_changed_file_is_read_again_in_the_same_process(crm: Write) -> None:
    folder = toys(crm)
    assert load_catalog(beside([folder])).kpis["toy_rate"].meta.label == "Toy rate"
    toys(crm, kpi=KPI.replace("label: Toy rate", "label: Rate of toys"))
    assert load_catalog(beside([folder])).kpis["toy_rate"].meta.label == "Rate of toys"


def test_two_folders_of_one_process_do_not_meet(crm: Write) -> None:
    crm("sql/facts/toys.sql", FACT, folder="one")
    one = crm("sql/kpis/conversion/toy_rate.sql", KPI, folder="one")
    crm("sql/facts/toys.sql", FACT, folder="two")
    two = crm("sql/kpis/retention/toy_rate.sql", KPI, folder="two")
    assert load_catalog(beside([one])).kpis["toy_rate"].area == "conversion"
    assert load_catalog(beside([two])).kpis["toy_rate"].area == "retention"
    assert "toy_rate" not in load_catalog().kpis


def test_a_column_is_known_to_facts_with_all_that_follows_from_it(crm: Write) -> None:
    text = (
        "/*---\nmoney: {fee: latest}\n---*/\ncreate table opportunity (\n  fee double,  -- of us\n"
    )
    folder = crm("sql/model/opportunity.sql", f"{text}  signed_at timestamp  -- signature\n);")
    fact = FACT.replace("2 as weight", "o.fee_base as weight").replace(
        "o.created_date", "o.signed_date"
    )
    toys(
        crm,
        fact.replace("time: created_date", "time: signed_date"),
        KPI.replace("created_date", "signed_date"),
    )
    folders = beside([folder])
    model = load_model(folders)
    assert {"signed_date", "signed_minute", "fee_base"} <= set(model["opportunity"].schema)
    assert "fee" not in load_model()["opportunity"].schema
    compiler = Compiler(model, load_catalog(folders), BuiltRelations(), CompileSettings())
    assert compiler.types_of("toys")["weight"] == "double"


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("amount double", "`amount` is a column of opportunity already"),
        ("created_date date", "`created_date` is a column of opportunity already, or computed"),
        ("fee double not null", "`fee not null`: connectors that do not know it leave it empty"),
        ("fee money", "is no type of ours"),
    ],
)
def test_a_column_that_cannot_be_added_is_refused(crm: Write, column: str, told: str) -> None:
    folder = crm("sql/model/opportunity.sql", f"create table opportunity (\n  {column}\n);")
    with pytest.raises(CrmKpiError) as caught:
        load_model(beside([folder]))
    assert caught.value.message.startswith("folder crm: opportunity.sql: ")
    assert told in caught.value.message


def test_an_entity_that_is_not_ours_is_refused(crm: Write) -> None:
    folder = crm("sql/model/spaceship.sql", "create table spaceship (\n  name text\n);")
    with pytest.raises(CrmKpiError, match="no such canonical entity; a folder adds columns to one"):
        load_model(beside([folder]))


@pytest.mark.parametrize("name", ["opportunities", "opportunity", "calendar", "kpi_scorecard"])
def test_a_fact_of_a_name_that_is_taken_is_refused(crm: Write, name: str) -> None:
    folder = crm(f"sql/facts/{name}.sql", FACT)
    with pytest.raises(CrmKpiError, match=rf"^crm/sql/facts/{name}\.sql: .*choose another name"):
        load_catalog(beside([folder]))


def test_dashboards_and_packs_of_a_name_that_is_taken_are_refused_with_both_files(
    crm: Write,
) -> None:
    toys(crm)
    folder = crm("dashboards/toys.yaml", BOARD.replace("slug: toys", "slug: crm-pipeline"))
    folders = beside([folder])
    with pytest.raises(CrmKpiError) as caught:
        load_dashboards(load_catalog(folders), folders)
    assert "crm/dashboards/toys.yaml: `slug: crm-pipeline`" in caught.value.message
    assert "dashboards/pipeline.yaml" in caught.value.message
    crm("dashboards/packs/saas.yaml", "label: x\nkind: business\nabout: x\n")
    with pytest.raises(
        CrmKpiError, match=r"crm/dashboards/packs/saas.yaml: there is .* dashboards/"
    ):
        load_packs(beside([folder]))


# -- what they replace ----------------------------------------------------------------------------


def test_a_kpi_of_a_name_that_is_taken_is_refused_with_both_files(crm: Write) -> None:
    with pytest.raises(CrmKpiError) as caught:
        load_catalog(beside([crm(WIN_RATE, win_rate())]))
    assert caught.value.message == (
        f"crm/{WIN_RATE}: there is a KPI `win_rate` already, {WIN_RATE}; write "
        "`replaces: win_rate` in the front matter to put yours in its place, or choose another name"
    )


@pytest.mark.parametrize("file", [WIN_RATE, "sql/kpis/retention/rate_of_ours.sql"])
def test_a_kpi_that_says_so_stands_in_the_place_of_ours(crm: Write, file: str) -> None:
    catalog = load_catalog(beside([crm(file, win_rate("replaces: win_rate"))]))
    kpi = catalog.kpis["win_rate"]
    assert (kpi.name, kpi.whose, kpi.file.path.name) == ("win_rate", "folder crm", Path(file).name)
    assert set(catalog.kpis) == set(load_catalog().kpis)
    assert "'Win rate'" in catalog.facts["crm_impacts"].file.sql


def test_replacing_what_is_not_there_is_refused(crm: Write) -> None:
    folder = crm(WIN_RATE, win_rate("replaces: winn_rate"))
    with pytest.raises(CrmKpiError, match="`replaces`: there is no KPI `winn_rate` to replace"):
        load_catalog(beside([folder]))


def test_a_profile_may_replace_what_a_plugin_replaced_but_equals_may_not(crm: Write) -> None:
    ours = win_rate("replaces: win_rate")
    plugin, own = crm(WIN_RATE, ours, folder="oak"), crm(WIN_RATE, ours)
    assert load_catalog(levels(own, plugin)).kpis["win_rate"].whose == "folder crm"
    equals = (*built_in(), Folder(plugin, "crmkpi-oak", 1), Folder(own, "crmkpi-elm", 1))
    with pytest.raises(CrmKpiError) as caught:
        load_catalog(equals)
    assert caught.value.message == (
        f"crm/{WIN_RATE}: `replaces: win_rate`: oak/{WIN_RATE} of crmkpi-oak is in that place "
        "already; keep one"
    )


def test_tiles_say_whose_definition_they_show_and_ours_say_nothing(crm: Write) -> None:
    folder = crm(WIN_RATE, win_rate("replaces: win_rate"))
    kpi = load_catalog(beside([folder])).kpis["win_rate"]
    said = "This is the definition of folder crm. It stands in the place of the built-in one."
    assert about([kpi]).endswith(f"\n{said}")
    assert certification(kpi) == f"{kpi.meta.definition} {said}"
    ours = load_catalog().kpis["win_rate"]
    assert certification(ours) == ours.meta.definition
    assert "definition of" not in about([ours])


def test_kpis_and_calc_take_the_profiles_definitions_whatever_else_is_wrong_in_it(
    crm: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm(WIN_RATE, win_rate("replaces: win_rate").replace("is_won: won", "is_won: 2 * won"))
    (tmp_path / "crmkpi.yaml").write_text("definitions: ./crm\nsources: nonsense\n")
    monkeypatch.chdir(tmp_path)
    (shown,) = json.loads(run("kpis", "win_rate", "--format", "json").stdout)
    assert (shown["definition_of"], shown["replaces"]) == ("folder crm", "win_rate")
    assert run("calc", "win_rate", "won=1", "lost=3").stdout == "Win rate: 50%\n"
    monkeypatch.chdir("/")
    assert run("calc", "win_rate", "won=1", "lost=3").stdout == "Win rate: 25%\n"
    (shown,) = json.loads(run("kpis", "win_rate", "--format", "json").stdout)
    assert shown["definition_of"] == "superset-crmkpi"


# -- what stops them ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("sql/kpis/sales/x.sql", KPI, "crm/sql/kpis/sales/x.sql: there is no branch `sales`"),
        ("sql/kpis/x.sql", KPI, "nobody reads a .sql there"),
        ("sql/kpi/conversion/x.sql", KPI, "nobody reads a .sql there"),
        ("dashboards/x.yml", BOARD, "nobody reads a .yml there; definitions are sql/model/*.sql"),
    ],
)
def test_a_file_that_would_be_passed_over_is_told(
    crm: Write, tmp_path: Path, file: str, text: str, told: str
) -> None:
    toys(crm)
    crm(file, text)
    path = tmp_path / "crmkpi.yaml"
    path.write_text(f"{PROFILE}definitions: [crm]\n")
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert told in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("./nowhere", "crmkpi.yaml line 3: `definitions`: "),
        ("[.]", "holds no definitions; they lie in sql/model, sql/facts, dashboards"),
        ("{crm: 1}", "crmkpi.yaml line 3: `definitions`: "),
    ],
)
def test_a_folder_that_is_none_is_named_with_its_line(
    tmp_path: Path, given: str, told: str
) -> None:
    path = tmp_path / "crmkpi.yaml"
    path.write_text(f"{PROFILE}definitions: {given}\n")
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("owner: sales_manager", "owner: ' '", "folder crm: toy_rate.sql line 13: `owner`: is em"),
        ("nullif(sum(weight), 0)", "sum(weight)", "toy_rate.sql line 19: a division without"),
        ("sum(weight)", "sum(mass)", "`mass` is not a column of toys"),
        ("unit: percent", "unit: parsecs", "folder crm: toy_rate.sql: front matter, key `unit`"),
    ],
)
def test_a_kpi_that_breaks_a_rule_of_ours_stops_every_command_with_a_profile(
    crm: Write, tmp_path: Path, old: str, new: str, told: str
) -> None:
    toys(crm, kpi=KPI.replace(old, new, 1))
    (tmp_path / "crmkpi.yaml").write_text(f"{PROFILE}definitions: crm\n")
    done = run("doctor", "--quick", "--profile", str(tmp_path / "crmkpi.yaml"))
    assert done.exit_code == 2
    assert told in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "promise", "told"),
    [
        ("refresh: daily", "refresh: daily", "every ratio has a worked example", "toy_rate: add"),
        (
            "refresh: daily",
            "refresh: daily\nexamples: [{rows: [{is_toy: 1, weight: 2}], value: 0.4}]",
            "every worked example gives its value",
            "toy_rate: example 1 gives 0.5, not 0.4",
        ),
        (
            "1.0 * sum(is_toy)",
            "1.0 * sum(status)",
            "every fact and kpi runs where there is no row yet",
            "toys: ",
        ),
    ],
)
def test_plugin_check_names_the_promise_that_a_folder_breaks(
    crm: Write, old: str, new: str, promise: str, told: str
) -> None:
    folder = toys(crm, kpi=KPI.replace(old, new, 1))
    done = run("plugin", "check", str(folder), "--format", "json")
    assert done.exit_code == 1
    results = {one["promise"]: one for one in json.loads(done.stdout)}
    assert results[promise]["outcome"] == "broken"
    assert results[promise]["message"].startswith(told)
