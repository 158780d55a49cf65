"""What is found wrong with a bundle without asking Superset; needs no Superset."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle, RoleGrant, to_yaml
from superset_crmkpi.installer.ledger import asset_entry, fingerprint, pack, unpack
from superset_crmkpi.installer.validate import check
from tests.superset import toy

URI = "duckdb:////toy.duckdb"
CHART = "charts/table.yaml"
BOARD = "dashboards/toy.yaml"
DATASET = "datasets/toy/deals.yaml"


def params(**values: Any) -> dict[str, Any]:
    return {**toy.charts()["table"]["params"], **values}


def position(**values: Any) -> dict[str, Any]:
    return {**toy.dashboard()["position"], **values}


def metadata(**values: Any) -> dict[str, Any]:
    (native,) = toy.dashboard()["metadata"]["native_filter_configuration"]
    return {"native_filter_configuration": [{**native, **values}]}


def target(**values: Any) -> dict[str, Any]:
    return metadata(
        targets=[{"column": {"name": "region"}, "datasetUuid": toy.uid("dataset"), **values}]
    )


def test_a_sound_bundle_has_no_problem():
    assert check(toy.bundle(URI)) == []


@pytest.mark.parametrize(
    ("path", "values", "message"),
    [
        ("metadata.yaml", {"type": "Dashboard"}, "type assets"),
        ("databases/toy.yaml", {"uuid": None}, "uuid is missing"),
        ("databases/toy.yaml", {"version": None}, "version is missing"),
        (CHART, {"uuid": "not-a-uuid"}, "not a uuid"),
        (CHART, {"uuid": toy.uid("total")}, "is also that of"),
        (CHART, {"tags": []}, "tags is unknown to older"),
        (CHART, {"viz_type": "pyramid"}, "chart kind 'pyramid'"),
        (CHART, {"dataset_uuid": toy.uid("nothing")}, "is not in the bundle"),
        (CHART, {"params": params(metrics=["profit"])}, "metric profit does not exist"),
        (CHART, {"params": params(groupby=["planet"])}, "column planet does not exist"),
        (CHART, {"params": params(order_by_cols=['["planet", true]'])}, "column planet"),
        (
            CHART,
            {"params": params(conditional_formatting=[{"column": "deal_count"}])},
            "conditional formatting of deal_count",
        ),
        (DATASET, {"folders": []}, "folders is unknown to older"),
        (DATASET, {"columns": []}, "columns are empty"),
        (DATASET, {"main_dttm_col": "closed_at"}, "main_dttm_col closed_at"),
        (
            DATASET,
            {"metrics": [toy.metric("total_amount", "SUM(amount)", currency={"symbol": "EUR"})]},
            "has to be a JSON string",
        ),
        (BOARD, {"position": position(ROOT_ID={"type": "ROOT"})}, "which nothing leads to"),
        (
            BOARD,
            {"position": position(**{"CHART-bar": toy.tile(1, "bar", "Bar", [])})},
            "chartId 1 has to be a number that occurs once",
        ),
        (
            BOARD,
            {"position": position(**{"CHART-bar": toy.tile(3, "gone", "Gone", [])})},
            "charts/bar.yaml: is on no dashboard",
        ),
        (BOARD, {"metadata": target(datasetUuid=toy.uid("no"))}, "is not in the bundle"),
        (BOARD, {"metadata": target(column={"name": "planet"})}, "column planet does not exist"),
        (BOARD, {"metadata": metadata(cascadeParentIds=["X"])}, "depends on X"),
        (BOARD, {"published": False}, "has to be published"),
    ],
)
def test_a_broken_bundle_is_named_by_file_and_fault(path, values, message):
    problems = check(toy.changed(toy.bundle(URI), path, **values))
    assert any(message in problem for problem in problems), problems
    assert all("\n" not in problem for problem in problems)


@pytest.mark.parametrize("key", ["extra", "allow_csv_upload"])
def test_a_database_without_the_keys_that_an_import_needs_is_a_problem(key):
    sound = toy.bundle(URI)
    path = "databases/toy.yaml"
    short = {name: value for name, value in sound.assets[path].items() if name != key}
    assert check(Bundle({**sound.assets, path: short}, sound.roles)) == [
        f"{path}: {key} is missing; write {key}: {'{}' if key == 'extra' else 'false'}"
    ]


def test_a_role_for_things_outside_the_bundle_is_a_problem():
    sound = toy.bundle(URI)
    problems = check(Bundle(sound.assets, (RoleGrant("R", (toy.uid("a"),), (toy.uid("b"),)),)))
    assert len(problems) == 2


def test_a_password_is_neither_in_the_ledger_nor_a_change():
    old = {"database_name": "W", "sqlalchemy_uri": "postgresql://u:s3cret@h/d", "uuid": "x"}
    new = {**old, "sqlalchemy_uri": "postgresql://u:other@h/d"}
    assert "s3cret" not in str(asset_entry("database", old))
    assert fingerprint(old) == fingerprint(new)
    assert fingerprint(old) != fingerprint({**old, "sqlalchemy_uri": "postgresql://u:s3cret@i/d"})


def test_a_ledger_entry_comes_back_as_it_was_put_in():
    entry = asset_entry("dataset", toy.dataset())
    assert unpack("dataset " + entry.uuid, pack(entry)) == entry
    assert unpack("a note of somebody", "{}") is None


def test_two_zips_of_one_bundle_are_equal_to_the_byte(tmp_path):
    bundle = toy.bundle(URI)
    bundle.write_zip(tmp_path / "a.zip")
    Bundle(dict(reversed(bundle.assets.items())), bundle.roles).write_zip(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_yaml_of_an_asset_reads_back_the_same_with_sql_as_a_block():
    import yaml

    text = to_yaml(toy.dataset())
    assert yaml.safe_load(text) == toy.dataset()
    assert "sql: |" in text
