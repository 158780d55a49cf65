"""Labels on the demo's company: what people read there, and that filters act by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile
from sqlalchemy.engine import Engine as Connectable

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.record_links import RECORD
from superset_crmkpi.compile.labels import LabelColumns, label_column
from superset_crmkpi.installer.validate import check
from superset_crmkpi.project.project import Project
from tests.seeds import by_turns
from tests.test_labels import CODE, OWN
from tests.warehouses import duckdb

#: every fact of one company is read for all of them
pytestmark = by_turns(3, 1)
TODAY = date(2026, 3, 18)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    for opened in duckdb(tmp_path_factory.mktemp("demo")):
        write(generate(scale=0.05, seed=7, today=TODAY), opened)
        yield Project(demo_profile(TODAY).model_copy(update={"mode": "live"}), opened)


@pytest.fixture(scope="module")
def bundle(demo: Project) -> Bundle:
    return demo.bundle()


@pytest.fixture(scope="module")
def shown(demo: Project) -> dict[str, pd.DataFrame]:
    """Fact -> its rows, with the label columns."""
    columns = LabelColumns(demo.compiler)
    found = {}
    for fact in demo.facts_shown:
        labels = [f"{sql} as {label_column(name)}" for name, sql in columns.of(fact).items()]
        chosen = ", ".join(["t.*", *labels])
        found[fact] = rows(demo.engine, f"select {chosen} from ({demo.compiler.fact(fact)}) as t")
    return found


def rows(engine: Connectable, sql: str) -> pd.DataFrame:
    with engine.connect() as connection:
        answer = connection.exec_driver_sql(sql)
        return pd.DataFrame(answer.fetchall(), columns=list(answer.keys()))


def test_no_dimension_shows_a_code(demo: Project, shown: dict[str, pd.DataFrame]) -> None:
    seen = 0
    for fact, frame in shown.items():
        meta = demo.catalog.facts[fact].meta
        for column in set(meta.dimensions) - OWN - set(meta.personal):
            read = label_column(column) if label_column(column) in frame else column
            values = {value for value in frame[read] if isinstance(value, str)}
            codes = {value for value in values if CODE.fullmatch(value)}
            assert codes == set(), (fact, column)
            seen += len(values)
    assert seen > 2000


def test_flags_hold_yes_and_no(shown: dict[str, pd.DataFrame]) -> None:
    read: set[Any] = set()
    for fact, frame in shown.items():
        for column in [c for c in frame if c.startswith(("is_", "has_"))]:
            if column.endswith("__label"):
                stored = frame[column.removesuffix("__label")]
                assert frame[column].isna().equals(stored.isna()), (fact, column)
                read |= set(frame[column].dropna())
    assert read == {"Yes", "No"}


def test_a_value_reads_the_same_in_every_fact_and_no_two_read_alike(
    shown: dict[str, pd.DataFrame],
) -> None:
    """So a filter by the label chooses the rows that one by the stored value chooses."""
    read: dict[str, dict[Any, Any]] = defaultdict(dict)
    for fact, frame in shown.items():
        for label in [column for column in frame if column.endswith("__label")]:
            stored = label.removesuffix("__label")
            for _, (code, text) in frame[[stored, label]].dropna().drop_duplicates().iterrows():
                assert read[stored].setdefault(code, text) == text, (fact, stored, code)
    for column, texts in read.items():
        assert len(set(texts.values())) == len(texts), column
    assert len(read) > 60


def test_each_filter_acts_by_label_on_just_the_tiles_that_have_its_column(
    demo: Project, bundle: Bundle, shown: dict[str, pd.DataFrame]
) -> None:
    datasets = {data["uuid"]: data for _, data in bundle.of("datasets")}
    charts = {chart["uuid"]: datasets[chart["dataset_uuid"]] for _, chart in bundle.of("charts")}
    acted = defaultdict(int)
    for _, board in bundle.of("dashboards"):
        parts = [part for part in board["position"].values() if isinstance(part, dict)]
        tiles = {p["meta"]["chartId"]: p["meta"]["uuid"] for p in parts if p["type"] == "CHART"}
        for native in board["metadata"]["native_filter_configuration"][1:]:
            (target,) = native["targets"]
            name = target["column"]["name"]
            values = datasets[target["datasetUuid"]]
            stored = name.removesuffix("__label")
            assert (label_column(stored) in _names(values)) == (name != stored)
            for number, uuid in tiles.items():
                inside = number not in native["scope"]["excluded"]
                assert inside == (name in _names(charts[uuid])), (native["name"], number)
                assert inside == (stored in _names(charts[uuid])), (native["name"], number)
                acted[name] += inside
            offered = rows(
                demo.engine,
                f"select distinct {_sql(values, name)} as label, {stored} as stored "
                f"from ({values['sql']}) as t",
            )
            for frame in [one for one in shown.values() if name in one]:
                for _, (label, code) in offered.dropna().iterrows():
                    assert (frame[name] == label).equals(frame[stored] == code)
    assert min(acted["segment__label"], acted["channel__label"], acted["priority__label"]) > 3


def _names(dataset: dict[str, Any]) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}


def _sql(dataset: dict[str, Any], name: str) -> str:
    (found,) = [column for column in dataset["columns"] if column["column_name"] == name]
    return str(found["expression"] or name)


def test_tiles_group_and_list_by_labels_and_compare_with_what_is_stored(bundle: Bundle) -> None:
    assert check(bundle) == []
    params = {path: chart["params"] for path, chart in bundle.of("charts")}
    falls = {one["x_axis"]: one for one in params.values() if one["viz_type"] == "waterfall"}
    assert set(falls) == {"movement__label", "change_kind__label"}
    for fall in falls.values():
        picked = {part["subject"]: part["comparator"] for part in fall["adhoc_filters"]}
        assert picked["period_type"] in ("trailing_year", "quarter")
    (late,) = [p for path, p in params.items() if path.endswith("sla_compliance_list.yaml")]
    assert {"metric__label", "priority__label"} < set(late["all_columns"])
    assert not {"metric", "priority"} & set(late["all_columns"])
    sizes = [one for one in params.values() if one.get("x_axis") == "deal_size__label"]
    assert [one["x_axis_sort"] for one in sizes] == ["deal_size__label"]


def test_the_stored_value_is_told_from_its_label(bundle: Bundle) -> None:
    (data,) = [d for p, d in bundle.of("datasets") if p.endswith("health_mrr_changes.yaml")]
    names = {column["column_name"]: column["verbose_name"] for column in data["columns"]}
    assert (names["movement__label"], names["movement"]) == ("Movement", "Movement (code)")
    assert names["owner"] == "Owner"


def test_metrics_and_rules_compute_on_what_is_stored(demo: Project, bundle: Bundle) -> None:
    for path, data in bundle.of("datasets"):
        made = {c["column_name"] for c in data["columns"] if c["expression"] is not None}
        stored = _names(data) - made
        assert made - {RECORD} == {n for n in _names(data) if n.endswith("__label")}, path
        given = rows(demo.engine, f"select * from ({data['sql']}) as t limit 0")
        assert set(given.columns) == stored, path
        assert not [m for m in data["metrics"] if "__label" in m["expression"]], path
