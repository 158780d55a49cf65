"""What people do in a Superset after an install, each by the request that its pages send."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.superset import toy
from tests.superset.asking import Board, Viewer

Fields = dict[str, Any]


class Admin(Viewer):
    """Changes things by Superset's REST API."""

    def __init__(self, app: Any, username: str, password: str) -> None:
        super().__init__(app, username, password)
        self.headers["Referer"] = "http://localhost/"
        self.headers["X-CSRFToken"] = self.get("security/csrf_token/")
        self.app = app

    def number(self, kind: str, name: str) -> int:
        """The number of the toy's thing of that name."""
        from superset_crmkpi.superset.reader import model

        with self.app.app_context():
            return int(model(kind, toy.uid(name)).id)

    def number_of_role(self, name: str) -> int:
        from superset_crmkpi.superset.reader import model

        with self.app.app_context():
            return int(model("role", name).id)

    @property
    def colleague(self) -> int:
        """The number of another user."""
        from superset import security_manager

        from superset_crmkpi.superset.access import ensure_user

        with self.app.app_context():
            ensure_user("colleague", "pass-of-colleague", "Colleague", ["Alpha"])
            return int(security_manager.find_user("colleague").id)

    def send(self, method: str, address: str, body: Fields | None = None) -> Any:
        answer = getattr(self.client, method)(f"/api/v1/{address}", json=body, headers=self.headers)
        assert answer.status_code < 300, f"{method} {address}: {answer.text[:800]}"
        return answer.json

    def change(self, kind: str, name: str, **fields: Any) -> None:
        self.send("put", f"{kind}/{self.number(kind, name)}", fields)

    def read(self, kind: str, name: str) -> Fields:
        found: Fields = self.get(f"{kind}/{self.number(kind, name)}")
        return found

    def board_named(self, name: str) -> Board:
        """The dashboard as it is shown."""
        return self.board(str(self.number("dashboard", name)))

    # -- charts: Explore sends the params as a whole

    def params(self, chart: str, **given: Any) -> None:
        params = {**json.loads(self.read("chart", chart)["params"]), **given}
        self.change("chart", chart, params=json.dumps(params))

    # -- dashboards: the page sends layout and metadata as one

    def rearrange(self, change: Callable[[Fields, Fields], None]) -> None:
        """`change` gets the layout's nodes and the metadata."""
        nodes, metadata = self.parts()
        change(nodes, metadata)
        self.change("dashboard", "dashboard", json_metadata=json.dumps(
            {**metadata, "positions": nodes}
        ))  # fmt: skip

    def parts(self) -> tuple[Fields, Fields]:
        """The nodes of the layout by their names, and the metadata."""
        board = self.read("dashboard", "dashboard")
        return json.loads(board["position_json"]), json.loads(board["json_metadata"] or "{}")

    # -- datasets: the editor sends all metrics, or all columns

    def items(self, key: str, change: Callable[[list[Fields]], None]) -> None:
        known = {"metrics": METRIC, "columns": COLUMN}[key]
        found = self.read("dataset", "dataset")[key]
        items = [{k: v for k, v in item.items() if k in known} for item in found]
        change(items)
        self.change("dataset", "dataset", **{key: items})

    def item(self, key: str, name: str) -> Fields | None:
        named = {"metrics": "metric_name", "columns": "column_name"}[key]
        found = self.read("dataset", "dataset")[key]
        return next((item for item in found if item[named] == name), None)


METRIC = (
    "currency", "d3format", "description", "expression", "extra", "id", "metric_name",
    "metric_type", "uuid", "verbose_name", "warning_text",
)  # fmt: skip
COLUMN = (
    "advanced_data_type", "column_name", "description", "expression", "extra", "filterable",
    "groupby", "id", "is_active", "is_dttm", "python_date_format", "type", "uuid", "verbose_name",
)  # fmt: skip
