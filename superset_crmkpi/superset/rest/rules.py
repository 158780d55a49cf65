"""Row-level rules of a remote Superset; see superset/rule_fields.py for how ours are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Content, Found
from superset_crmkpi.superset.rest.answers import Refused
from superset_crmkpi.superset.rest.checks import COUNT
from superset_crmkpi.superset.rest.client import Client
from superset_crmkpi.superset.rest.listing import Catalog, Row, pages
from superset_crmkpi.superset.rule_fields import (
    MADE,
    OFF,
    PLAIN,
    TRIED,
    is_template,
    key_of,
    uuid_in,
)

RULES = "rowlevelsecurity"
_COLUMNS = ["id", "name", "group_key", "tables.id", "roles.id"]


@dataclass
class Rules:
    """Those of one Superset."""

    client: Client
    catalog: Catalog
    _rows: list[Row] | None = field(default=None, init=False)

    def refresh(self) -> None:
        """Forget what is known."""
        self._rows = None

    def all(self) -> list[Row]:
        """id, name, group_key, tables and roles of each; none where this Superset tells of none."""
        if self._rows is None:
            try:
                self._rows = pages(self.client, RULES, _COLUMNS, "name")
            except Refused as refused:
                if refused.status != 404:  # switched off
                    raise
                self._rows = []
        return self._rows

    def found(self) -> Iterator[Found]:
        """All of them; one that is not ours has its number in place of a uuid."""
        for row in self.all():
            uuid = uuid_in(row.get("group_key")) or f"of others {row['id']}"
            yield Found("rule", uuid, str(row["name"]))

    def number(self, uuid: str) -> int | None:
        """The id of one of ours, None if it is not there."""
        rows = (row for row in self.all() if uuid_in(row.get("group_key")) == uuid)
        return next((int(row["id"]) for row in rows), None)

    def read(self, uuid: str) -> dict[str, Any]:
        """The rule as an asset, as `superset.rules.read` gives it."""
        number = self.number(uuid)
        if number is None:
            raise CrmKpiError(f"Superset has no row-level rule with uuid {uuid}")
        row = self.client.get(f"{RULES}/{number}")["result"]
        datasets = self.catalog.uuids("dataset")
        uuids = sorted(datasets[one["id"]] for one in row["tables"] if one["id"] in datasets)
        return {
            **{key: row.get(key) for key in PLAIN},
            "roles": dict.fromkeys(sorted(role["name"] for role in row["roles"]), True),
            "datasets": dict.fromkeys(uuids, True),
            "uuid": uuid,
            "version": "1.0.0",
        }

    def write(self, content: Content) -> None:
        """Create or overwrite one, after what it refers to.

        A role that is not there is left out. CrmKpiError where Superset fills nobody in.
        """
        tables = [self.catalog.known("dataset", uuid) for uuid in content["datasets"]]
        if is_template(content) and not self._fills_in(tables[0]):
            raise CrmKpiError(f'rule "{content["name"]}": {OFF}')
        roles = (self.catalog.number("role", name) for name in content["roles"])
        given = {key: content[key] for key in PLAIN}
        given |= {
            "group_key": key_of(str(content["uuid"])),
            "roles": [number for number in roles if number is not None],
            "tables": tables,
        }
        number = self.number(str(content["uuid"]))
        if number is None:
            self.client.post(f"{RULES}/", json=given)
        else:
            self.client.put(f"{RULES}/{number}", given)
        self.refresh()

    def delete(self, uuid: str) -> None:
        """Delete one of ours."""
        number = self.number(uuid)
        if number is not None:
            self.client.delete(f"{RULES}/{number}")
            self.refresh()

    def end(self, dataset: int) -> None:
        """Rules no longer name the dataset; one that names no other is deleted."""
        for rule in self.all():
            numbers = [table["id"] for table in rule["tables"]]
            if dataset not in numbers:
                continue
            left = [number for number in numbers if number != dataset]
            if left:
                # roles that are not said again are taken away
                roles = [role["id"] for role in rule["roles"]]
                self.client.put(f"{RULES}/{rule['id']}", {"tables": left, "roles": roles})
            else:
                self.client.delete(f"{RULES}/{rule['id']}")
            self.refresh()

    def copy(self) -> list[Row]:
        """All of them as they are, the datasets by uuid: a deleted one comes back by another id."""
        datasets = self.catalog.uuids("dataset")
        return [
            {
                "id": row["id"],
                **{key: whole.get(key) for key in (*PLAIN, "group_key")},
                "roles": [role["id"] for role in whole["roles"]],
                "datasets": [datasets[t["id"]] for t in whole["tables"] if t["id"] in datasets],
            }
            for row in self.all()
            for whole in [self.client.get(f"{RULES}/{row['id']}")["result"]]
        ]

    def restore(self, before: Sequence[Row]) -> None:
        """Make all as they were; those that were deleted are made again."""
        self.refresh()
        there = {int(row["id"]) for row in self.all()}
        known = {int(row["id"]) for row in before}
        for number in sorted(there - known):
            if any(row["id"] == number and uuid_in(row["group_key"]) for row in self.all()):
                self.client.delete(f"{RULES}/{number}")
        for row in before:
            tables = (self.catalog.number("dataset", uuid) for uuid in row["datasets"])
            given = {key: row[key] for key in (*PLAIN, "group_key", "roles")}
            given["tables"] = [number for number in tables if number is not None]
            if row["id"] in there:
                self.client.put(f"{RULES}/{row['id']}", given)
            else:
                self.client.post(f"{RULES}/", json=given)
        self.refresh()

    def _fills_in(self, dataset: int) -> bool:
        """Whether this Superset makes SQL of a template."""
        body = {
            "datasource": {"id": dataset, "type": "table"},
            "queries": [{"metrics": [COUNT], "extras": {"where": TRIED}}],
            "result_format": "json",
            "result_type": "query",
        }
        answer = self.client.post("chart/data", json=body)
        return any(MADE in str(one.get("query")) for one in answer["result"])
