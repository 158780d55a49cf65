"""`status` tells each definition in Superset that is not the catalogue's, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.status import Status, status
from tests.superset import toy
from tests.superset.test_retired import put
from tests.superset.test_upgrades import named, own_metric

pytestmark = pytest.mark.superset

DATASET = "datasets/toy/deals.yaml"
NAME = "crmkpi_toy_deals"


@pytest.fixture
def bundle(warehouse_uri: str) -> Bundle:
    return replace(toy.bundle(warehouse_uri), name="Toy")


def edited(gateway: Any, edit: Callable[[dict[str, Any]], None]) -> None:
    content = gateway.read("dataset", toy.uid("dataset"))
    edit(content)
    put(gateway, DATASET, content)


def other_rate(content: dict[str, Any]) -> None:
    named(content["metrics"], "metric_name", "win_rate")["expression"] = "AVG(is_won)"


def fewer(content: dict[str, Any]) -> None:
    content["metrics"] = [m for m in content["metrics"] if m["metric_name"] != "deal_count"]


def other_sql(content: dict[str, Any]) -> None:
    content["sql"] = toy.SQL.replace("> 0", "> 100")


def other_label(content: dict[str, Any]) -> None:
    named(content["metrics"], "metric_name", "win_rate")["verbose_name"] = "Hit rate"


def told(found: Status) -> list[tuple[str, str, str]]:
    return [(drift.dataset, drift.what, drift.how) for drift in found.drifts]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (other_rate, [(NAME, "metric win_rate", "changed")]),
        (fewer, [(NAME, "metric deal_count", "deleted")]),
        (other_sql, [(NAME, "its SQL", "changed")]),
        (other_label, []),
        (own_metric, []),
    ],
)
def test_a_definition_that_people_changed_is_told(
    gateway: Any, bundle: Bundle, edit: Any, expected: Any
) -> None:
    apply(bundle, gateway)
    assert status(bundle, gateway).is_fine
    edited(gateway, edit)
    found = status(bundle, gateway)
    assert told(found) == expected
    assert found.is_fine == (not expected)
    assert (found.datasets, found.metrics) == (1, 3)
    for drift in found.drifts:
        assert drift.who
        assert drift.when.startswith("20")
    # an upgrade keeps the edit, and so it is told after it too
    apply(toy.changed(bundle, DATASET, description="another"), gateway)
    assert told(status(toy.changed(bundle, DATASET, description="another"), gateway)) == expected


def test_a_dataset_that_was_deleted_is_told(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    for name in ("total", "table", "bar"):
        gateway.delete("chart", toy.uid(name))
    gateway.delete("dataset", toy.uid("dataset"))
    assert told(status(bundle, gateway)) == [(NAME, "itself", "deleted")]


@pytest.mark.parametrize(
    ("values", "outdated"), [({"sql": toy.SQL + "\n"}, (NAME,)), ({"description": "x"}, ())]
)
def test_an_older_version_is_told(gateway: Any, bundle: Bundle, values: Any, outdated: Any) -> None:
    apply(bundle, gateway)
    newer = toy.changed(bundle, DATASET, **values)
    assert status(newer, gateway).outdated == outdated
    apply(newer, gateway)
    assert status(newer, gateway).is_fine
