"""How often an install asks the warehouse: to connect takes seconds on one in the cloud."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.installer.apply import apply
from tests.superset import toy

pytestmark = pytest.mark.superset


def test_an_install_connects_to_the_warehouse_once_a_dataset(
    superset_app: Any, warehouse_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset.models.core import Database

    from superset_crmkpi.superset.inprocess import open_gateway

    asked: list[str] = []
    connect, has_table = Database.get_raw_connection, Database.has_table

    def counted(self: Any, *given: Any, **more: Any) -> Any:
        asked.append("connection")
        return connect(self, *given, **more)

    def looked_for(self: Any, *given: Any, **more: Any) -> Any:
        asked.append("table")
        return has_table(self, *given, **more)

    monkeypatch.setattr(Database, "get_raw_connection", counted)
    monkeypatch.setattr(Database, "has_table", looked_for)
    with open_gateway(superset_app) as gateway:
        assert apply(toy.bundle(warehouse_uri), gateway).changes
    assert asked == ["connection"] * 2  # whether it can be reached, and its one dataset
