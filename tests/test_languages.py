"""Dashboards in another language: nothing stays English, and no number changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from babel.messages.pofile import read_po
from click.testing import CliRunner
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile
from sqlglot import exp, parse_one

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.spoken import in_language
from superset_crmkpi.cli import main
from superset_crmkpi.compile.labels import LabelColumns
from superset_crmkpi.language.language import Language, language, languages
from superset_crmkpi.plugins.definitions import beside, built_in
from superset_crmkpi.profile.alerts import LISTS, Alerts
from superset_crmkpi.project.project import Project
from tests.pulling import SLUGS, assets, making, spec
from tests.seeds import in_turn
from tests.warehouses import duckdb

TODAY = date(2026, 3, 18)
CODES = ("de", "en", "es", "fr", "ja")
OTHERS = tuple(code for code in CODES if code != "en")
#: over the demo company, one a day
TODAYS = in_turn(["bundle", "lists"])


class Brackets(dict[str, str]):
    """Messages of a language that says everything in brackets, so that what it does not shows."""

    def get(self, key: str, default: Any = None) -> Any:
        return f"⟦{key}⟧"


BRACKETS = Language("de", Brackets())


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.engine.Engine]:
    for engine in duckdb(tmp_path_factory.mktemp("languages")):
        write(generate(scale=0.02, seed=7, today=TODAY), engine)
        yield engine


def project(warehouse: sa.engine.Engine, spoken_in: Language) -> Project:
    told = {"default": {"email": "crm@example.com"}}
    alerts = Alerts.model_validate({"recipients": told, "lists": LISTS})
    made = Project(
        demo_profile(TODAY).model_copy(update={"alerts": alerts, "mode": "built"}), warehouse
    )
    made.language = spoken_in
    return made


@pytest.fixture(scope="module")
def bracketed(warehouse: sa.engine.Engine) -> Project:
    return project(warehouse, BRACKETS)


@pytest.fixture(scope="module")
def bundle(bracketed: Project) -> Bundle:
    return bracketed.bundle(uri="duckdb:///x")


# -- nothing stays English ------------------------------------------------------------------------


def outside(text: str) -> str:
    """What of a text stands in no brackets, and is no tag of HTML."""
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = inner
    return re.sub(r"<[^>]*>", "", text)


def is_english(text: str) -> bool:
    """Whether it has a word that the language was not asked for."""
    return bool(re.search(r"[A-Za-z]{2,}", outside(text)))


def said_on(board: Mapping[str, Any]) -> Iterator[str]:
    yield from (board["dashboard_title"], board["description"])
    for node in board["position"].values():
        meta = node.get("meta", {}) if isinstance(node, dict) else {}
        for key in ("text", "code", "sliceName", "sliceNameOverride"):
            yield meta.get(key, "")
    for one in board["metadata"]["native_filter_configuration"]:
        yield from (one["name"], one["description"])


def said_in(chart: Mapping[str, Any]) -> Iterator[str]:
    for key in ("slice_name", "description", "certified_by", "certification_details"):
        yield chart.get(key) or ""
    params = chart["params"]
    yield params.get("y_axis_title", "")
    for metric in params.get("metrics", []):
        if isinstance(metric, dict):
            yield metric["label"]
            yield from written(metric["sqlExpression"])


def said_of(dataset: Mapping[str, Any]) -> Iterator[str]:
    yield dataset["description"]
    for metric in dataset["metrics"]:
        yield from (metric["verbose_name"], metric["description"])
        yield metric["extra"].get("warning_markdown", "")
    for column in dataset["columns"]:
        # one that no file names has its own name, for people who look at the data
        own = column["column_name"].removesuffix("__label").replace("_", " ").capitalize()
        yield column["verbose_name"].replace(own, "")
        if column["column_name"].endswith("__label") and column["expression"]:
            tree = parse_one(column["expression"], dialect="duckdb")
            yield from (case.args["true"].name for case in tree.find_all(exp.If))


def written(sql: str) -> Iterator[str]:
    """The texts that an expression writes, put together where it does that.

    Not those that it compares with, which are of the model.
    """
    tree = parse_one(sql, dialect="duckdb")
    whole = [pipe for pipe in tree.find_all(exp.DPipe) if not pipe.find_ancestor(exp.DPipe)]
    yield from ("".join(_literals(pipe)) for pipe in whole)
    inside = {id(one) for pipe in whole for one in pipe.find_all(exp.Literal)}
    for literal in tree.find_all(exp.Literal):
        if id(literal) not in inside and _is_written(literal):
            yield literal.name


def _literals(node: exp.Expression) -> Iterator[str]:
    """In their order."""
    return (
        one.name
        for one in node.dfs()
        if isinstance(one, exp.Literal) and one.is_string and _is_written(one)
    )


def _is_written(literal: exp.Literal) -> bool:
    above = literal.parent
    if isinstance(above, exp.If) and above.this is literal:  # case status when 'act'
        return False
    return literal.is_string and not isinstance(above, (exp.EQ, exp.In, exp.Anonymous))


@pytest.mark.turn(lambda _: "bundle" in TODAYS)
def test_no_text_of_a_dashboard_passes_the_language_by(bundle: Bundle) -> None:
    walks = {"dashboards": said_on, "charts": said_in, "datasets": said_of}
    found = {
        (path, text)
        for folder, walk in walks.items()
        for path, content in bundle.of(folder)
        for text in walk(content)
        if is_english(text)
    }
    assert len(list(bundle.of("charts"))) > 150
    # names of things in the profile, as `sources`
    assert {(path, text) for path, text in found if not _is_of_code(text)} == set()


def _is_of_code(text: str) -> bool:
    """Names of tables and columns, which are the warehouse's."""
    return not is_english(re.sub(r"`[^`]*`", "", text))


@pytest.mark.turn(lambda _: "bundle" in TODAYS)
def test_no_text_of_an_alert_does(bundle: Bundle) -> None:
    alerts = list(bundle.of("alerts"))
    assert len(alerts) >= 4
    for _, alert in alerts:
        said = alert["description"].replace("[[dashboard]]", "")
        assert not is_english(said), said
        assert not is_english(alert["email_subject"])


@pytest.mark.turn(lambda _: "lists" in TODAYS)
def test_no_list_shows_a_text_of_ours_in_english(
    bracketed: Project, warehouse: sa.engine.Engine
) -> None:
    """Of columns that hold nothing but texts that SQL or the model writes."""
    labels, looked_at = LabelColumns(bracketed.live), 0
    for board in bracketed.dashboards:
        for tile in board.tiles:
            fact = tile.fact or (bracketed.catalog.kpis[tile.kpi[0]].fact if tile.kpi else "")
            for column in tile.columns if tile.chart == "list" else ():
                held = labels.values_of(fact).get(column)
                if held is None or held.others or not held.known:
                    continue
                shown = labels.of(fact).get(column, column)
                query = bracketed.live.fact(fact, [column])
                with warehouse.connect() as connection:
                    sql = f"select distinct {shown} from ({query}) as f"
                    texts = [row[0] for row in connection.exec_driver_sql(sql) if row[0]]
                looked_at += 1
                assert not [text for text in texts if is_english(str(text))], (fact, column)
    assert looked_at > 15


# -- the languages that are there -----------------------------------------------------------------


def test_five_languages_are_complete() -> None:
    assert languages(built_in()) == list(CODES)
    done = CliRunner().invoke(main, ["messages", "--check"])
    assert done.exit_code == 0, done.output
    assert done.output.count(", 0 without a translation") == len(OTHERS)


@pytest.mark.parametrize("code", OTHERS)
def test_no_two_values_or_kpis_read_the_same(code: str) -> None:
    """A filter would mix them, and a chart show two lines of one name."""
    catalog = in_language(load_catalog(built_in()), language(code, built_in()))
    english = load_catalog(built_in())
    for column, labels in catalog.labels.values.items():
        distinct = len(set(english.labels.values[column].values()))
        assert len(set(labels.values())) == distinct, (column, labels)
    names = [kpi.meta.label for kpi in catalog.kpis.values()]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]


def test_a_language_without_messages_ends_with_one_line(tmp_path: Path) -> None:
    profile = tmp_path / "crmkpi.yaml"
    profile.write_text(
        "database: {name: W, uri: 'duckdb:///:memory:'}\nlanguage: it\n"
        "sources: {crm: {connector: sql, schema: main, entities: {account: select 1 as id}}}\n",
        encoding="utf-8",
    )
    done = CliRunner().invoke(main, ["bundle", "--profile", str(profile)])
    assert done.exit_code != 0
    assert "`language: it`: there are no messages in it; there are: de, en" in done.output
    assert "Traceback" not in done.output


def test_a_folder_of_ones_own_gets_its_messages_and_keeps_what_was_translated(
    tmp_path: Path,
) -> None:
    labels = tmp_path / "crm" / "sql" / "labels"
    labels.mkdir(parents=True)
    (labels / "own.yaml").write_text("values: {lead_source: {fair: Trade fair}}\n")
    command = ["messages", str(tmp_path / "crm"), "--language", "de"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "de.po: 1 messages, 1 without a translation" in done.output
    path = tmp_path / "crm" / "dashboards" / "messages" / "de.po"
    assert CliRunner().invoke(main, [*command, "--check"]).exit_code != 0
    path.write_text(
        path.read_text()
        .replace('msgstr ""\n', 'msgstr "Messe"\n')
        .replace('msgid ""\nmsgstr "Messe"', 'msgid ""\nmsgstr ""', 1)
    )
    (labels / "own.yaml").write_text(
        "values: {lead_source: {fair: Trade fair, radio: Radio show}}\n"
    )
    assert CliRunner().invoke(main, command).exit_code == 0
    with path.open("rb") as file:
        assert {m.id: m.string for m in read_po(file) if m.id} == {
            "Trade fair": "Messe",
            "Radio show": "",
        }


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    place = tmp_path / "crm" / "dashboards" / "messages"
    place.mkdir(parents=True)
    (place / "de.po").write_bytes(b"\xff\xfe")
    with pytest.raises(CrmKpiError, match=r"de\.po"):
        language("de", beside([tmp_path / "crm"]))


def test_a_translation_that_fills_in_something_else_is_named(tmp_path: Path) -> None:
    place = tmp_path / "crm" / "dashboards" / "messages"
    place.mkdir(parents=True)
    (place / "de.po").write_text('msgid "Act below {value}"\nmsgstr "unter {wert}"\n')
    with pytest.raises(CrmKpiError, match=r"de\.po: `unter \{wert\}`"):
        language("de", beside([tmp_path / "crm"]))


#: measures that are a sentence
SENTENCES = {"trust", "state"}


# -- no number changes ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", in_turn(OTHERS))
@pytest.mark.parametrize("slug", in_turn(SLUGS, 2))
def test_no_number_of_a_tile_changes(code: str, slug: str) -> None:
    """The metrics of each dataset are the same SQL, charts the same; what is added is labels."""
    makings = making(), making(spoken=code)
    ours, theirs = (assets(made, spec(made, slug)) for made in makings)
    datasets = [path for path in ours if path.startswith("datasets/")]
    assert ours.keys() == theirs.keys()
    for path in datasets:
        dataset, other = ours[path], theirs[path]
        assert numbers(dataset) == numbers(other)
        names, others = columns(dataset), columns(other)
        assert names <= others
        assert all(name.endswith("__label") for name in others - names)
    uuids = [{path: one.get("uuid") for path, one in made.items()} for made in (ours, theirs)]
    assert uuids[0] == uuids[1]


def numbers(dataset: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The metrics but for those that are a sentence."""
    shown = [(one["metric_name"], one["expression"]) for one in dataset["metrics"]]
    return [(name, sql) for name, sql in shown if name not in SENTENCES]


def columns(dataset: Mapping[str, Any]) -> set[str]:
    return {str(one["column_name"]) for one in dataset["columns"]}
