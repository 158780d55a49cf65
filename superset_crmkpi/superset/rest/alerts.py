"""Alerts and reports of a remote Superset; see superset/alert_fields.py for how ours are known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Content, Found
from superset_crmkpi.superset.alert_fields import ASKED, PLAIN, addresses, request, uuid_in
from superset_crmkpi.superset.rest import here
from superset_crmkpi.superset.rest.answers import Refused
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import Catalog, Row, pages

REPORTS, USERS = "report", "security/users"
OFF = (
    "alerts are off in this Superset; set FEATURE_FLAGS['ALERT_REPORTS'] = True there, give this "
    "user access to alerts, or leave `alerts:` out of the profile"
)


@dataclass
class Alerts:
    """Those of one Superset. A list does not tell whose they are, so each is asked for, once."""

    client: Client
    catalog: Catalog
    _rows: dict[int, Row] | None = field(default=None, init=False)

    def refresh(self) -> None:
        """Forget what is known."""
        self._rows = None

    def found(self) -> Iterator[Found]:
        """All of them; one that is not ours has its number in place of a uuid."""
        ours = self.ours()
        for number, row in self._all().items():
            yield Found("alert", ours.get(number, f"of others {number}"), str(row["name"]))

    def number(self, uuid: str) -> int | None:
        """The id of one of ours, None if it is not there."""
        return next((number for number, ours in self.ours().items() if ours == uuid), None)

    def ours(self) -> dict[int, str]:
        """id -> uuid of ours."""
        marked = {n: uuid_in(row.get("context_markdown")) for n, row in self._all().items()}
        return {number: uuid for number, uuid in marked.items() if uuid}

    def read(self, uuid: str) -> dict[str, Any]:
        """The alert as an asset, as `superset.alerts.read` gives it."""
        number = self.number(uuid)
        if number is None:
            raise CrmKpiError(f"Superset has no alert with uuid {uuid}")
        row = self._show(number)
        content = {key: row.get(key) for key in PLAIN}
        if row["type"] == "Alert":
            content |= {key: row.get(key) for key in ASKED}
            content["validator_config_json"] = _parsed(row.get("validator_config_json"))
            content["database_uuid"] = self._uuid("database", row.get("database"))
        content["recipients"] = [
            {
                "type": one["type"],
                "recipient_config_json": _parsed(one["recipient_config_json"]),
            }
            for one in sorted(row["recipients"], key=lambda one: int(one["id"]))
        ]
        content["chart_uuid"] = self._uuid("chart", row.get("chart"))
        return {**content, "uuid": uuid, "version": "1.0.0"}

    def write(self, content: Content) -> None:
        """Create or overwrite one, after what it refers to."""
        given = request(
            content,
            self.catalog.known,
            lambda board: f"{self.client.base}/superset/dashboard/{board}/",
        )
        number = self.number(str(content["uuid"]))
        try:
            if number is None:
                given |= {"creation_method": "alerts_reports", "owners": self._owners(content)}
                self.client.post(f"{REPORTS}/", json=given)
            else:
                self.client.put(f"{REPORTS}/{number}", given)
        except Refused as refused:
            raise CrmKpiError(
                f'alert "{content["name"]}": {OFF if refused.status == 404 else refused.message}'
            ) from refused
        self.refresh()

    def delete(self, uuid: str) -> None:
        """Delete one of ours."""
        number = self.number(uuid)
        if number is not None:
            self.client.delete(f"{REPORTS}/{number}")
            self.refresh()

    def check(self, database: Content, content: Content) -> list[str]:
        """What is wrong with one, as far as can be told before it is written."""
        if self._listed() is None:
            return [OFF]
        return here.check_alert(database, content) if content["type"] == "Alert" else []

    def why_not_fired(self, alerts: Iterable[Content]) -> list[str]:
        """What REST tells of it: of mail, workers and beat it says nothing."""
        wanted = {str(content["uuid"]) for content in alerts}
        if not wanted:
            return []
        if self._listed() is None:
            return [OFF]
        failed = [
            str(row["name"])
            for row in self._all().values()
            if row.get("last_state") == "Error" and uuid_in(row.get("context_markdown")) in wanted
        ]
        if not failed:
            return []
        return [
            f"{len(failed)} alerts failed when they last ran, first `{failed[0]}`; "
            "its log in Superset says why"
        ]

    def _all(self) -> dict[int, Row]:
        """Whole rows by id; of those on tables and dashboards, which are not ours, the list's."""
        if self._rows is None:
            listed = self._listed() or []
            self._rows = {
                int(row["id"]): self._show(int(row["id"])) if _may_be_ours(row) else row
                for row in listed
            }
        return self._rows

    def _listed(self) -> list[Row] | None:
        """None where this Superset has them switched off, or does not show them to this user."""
        columns = ["id", "name", "type", "chart_id", "dashboard_id", "creation_method"]
        try:
            return pages(self.client, REPORTS, columns, "name")
        except Refused as refused:
            if refused.status in (403, 404):
                return None
            raise

    def _show(self, number: int) -> Row:
        return dict(self.client.get(f"{REPORTS}/{number}")["result"])

    def _uuid(self, kind: str, row: Row | None) -> str | None:
        return self.catalog.uuids(kind).get(int(row["id"])) if row else None

    def _owners(self, content: Content) -> list[int]:
        """Who installs, and recipients with a login, as far as this Superset tells who they are.

        Superset 5 does not tell who has a token; without any owner it takes whoever asks.
        """
        told = addresses(content)
        try:
            me = self.client.get("me/")["result"]
        except Refused:
            me = {}
        try:
            users = pages(self.client, USERS, ["id", "username", "email"], "username")
        except Refused:
            users = []
        known = sorted(int(u["id"]) for u in users if (u.get("email") or "").lower() in told)
        mine = [int(me["id"])] if "id" in me else []
        return list(dict.fromkeys([*mine, *known]))


def _may_be_ours(row: Row) -> bool:
    return row.get("chart_id") is not None and row.get("creation_method") != "charts"


def _parsed(value: Any) -> Any:
    return json.loads(value or "{}") if isinstance(value, str) or value is None else value
