"""What an installation would do, thing by thing. Making a plan changes nothing.

Whatever carries one of our uuids is ours. It is left alone, and not even touched, when it is there
and what we would install equals what the ledger says we installed. A name, slug or table that
something else holds is refused: Superset's own import would silently take it over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.installer.collisions import collision
from superset_crmkpi.installer.copies import copy_of
from superset_crmkpi.installer.dropped import with_what_people_use
from superset_crmkpi.installer.gateway import (
    FOLDERS,
    Content,
    Gateway,
    State,
    Use,
    kind_of,
    name_of,
)
from superset_crmkpi.installer.ledger import asset_entry, role_entry
from superset_crmkpi.installer.numbers import without_charts
from superset_crmkpi.installer.retire import retired
from superset_crmkpi.installer.roles import Access, access_of
from superset_crmkpi.installer.steps import (
    CREATE,
    DELETED,
    FORGET,
    KEEP,
    REFUSE,
    REMOVE,
    UNCHANGED,
    UPDATE,
    USE,
    Plan,
    Step,
)
from superset_crmkpi.installer.upgrade import COPY, OURS, THEIRS, Upgrade, upgrade

REBUILT = "what it refers to is made again"
LEFT = "deleted in Superset, and left so; --restore brings it back"


def references(kind: str, content: Content) -> Iterator[str]:
    """The uuids of other assets whose numbers Superset stores inside this one."""
    if kind == "dataset":
        yield str(content["database_uuid"])
    elif kind == "chart":
        yield str(content["dataset_uuid"])
    elif kind == "alert":
        keys = ("database_uuid", "chart_uuid", "dashboard_uuid")
        yield from (str(content[key]) for key in keys if content.get(key))
    elif kind == "rule":
        yield from content["datasets"]
    elif kind == "dashboard":
        for item in content.get("position", {}).values():
            if isinstance(item, dict) and item.get("type") == "CHART":
                yield str(item["meta"]["uuid"])
        for native in content.get("metadata", {}).get("native_filter_configuration", []):
            for target in native.get("targets", []):
                if target.get("datasetUuid"):
                    yield str(target["datasetUuid"])


def is_reference(content: Content) -> bool:
    """Whether a database file only names a connection that exists in Superset."""
    return not content.get("sqlalchemy_uri")


def resolve_databases(bundle: Bundle, state: State) -> dict[str, str]:
    """The uuid of each database in the bundle -> the uuid it has in this Superset.

    They differ for a connection that existed before, which is used by its name, and for one of ours
    that has another name now: that of the datasets as they were installed.
    """
    by_name = {thing.name: thing.uuid for thing in state.found if thing.kind == "database"}
    found = state.by_key()
    before = {
        str(dataset["database_uuid"]): str(entry.content["database_uuid"])
        for _, dataset in bundle.of("datasets")
        if (entry := state.ledger.get(("dataset", str(dataset["uuid"])))) is not None
    }
    resolved = {}
    for _, content in bundle.of("databases"):
        uuid = str(content["uuid"])
        existing = by_name.get(content["database_name"])
        if is_reference(content):
            resolved[uuid] = existing or uuid
            continue
        key = "database", before.get(uuid, uuid)
        renamed = ("database", uuid) not in found and key in found and key in state.ledger
        resolved[uuid] = key[1] if renamed else uuid
    return resolved


def make_plan(bundle: Bundle, gateway: Gateway, take: str = THEIRS, restore: bool = False) -> Plan:
    """Compare the bundle with what is in Superset. Refusals are steps of the plan.

    What people changed is kept; where we changed the same, `take` decides. What they deleted stays
    deleted, unless `restore`.
    """
    state = gateway.state()
    databases = resolve_databases(bundle, state)
    planner = _Planner(state, gateway, take, restore)
    contents: dict[str, Content] = {}
    ours: dict[str, Content] = {}
    # In the order in which one refers to the other, so that a rebuilt thing is known in time.
    for folder in FOLDERS:
        for path, original in bundle.of(folder):
            content = dict(original)
            if folder == "databases" and not is_reference(content):
                content["uuid"] = databases[str(content["uuid"])]
            if content.get("database_uuid"):
                uuid = str(content["database_uuid"])
                content["database_uuid"] = databases.get(uuid, uuid)
            ours[path] = content
            contents[path] = planner.asset(path, content)
    for role in bundle.roles:
        planner.role(role)
    planner.retire(bundle.name, contents, with_roles=bool(bundle.roles))
    return Plan(tuple(planner.steps), contents, ours, planner.copies, planner.access)


class _Planner:
    """Adds step after step; remembers what is made new."""

    def __init__(self, state: State, gateway: Gateway, take: str, restore: bool) -> None:
        self.state = state
        self.gateway = gateway
        self.take = take
        self.restore = restore
        self.found = state.by_key()
        self.created: set[str] = set()
        #: of these, data
        self.remade: set[str] = set()
        self.deleted: set[str] = set()
        self.copies: dict[str, Content] = {}
        self.access: dict[str, Access] = {}
        self.steps: list[Step] = []

    def asset(self, path: str, content: Content) -> Content:
        """Plan one asset; gives what to write."""
        kind = str(kind_of(path))
        uuid, name = str(content["uuid"]), name_of(kind, content)
        if kind == "database" and is_reference(content):
            action, reason = self._use_database(name, path)
        elif reason := collision(kind, content, path, self.state.found):
            action = REFUSE
        else:
            action, reason = self._compare(kind, content)
        if action == CREATE:
            self.created.add(uuid)
            if kind in ("database", "dataset"):
                self.remade.add(uuid)
        if action == DELETED:
            self.deleted.add(uuid)
        made = self._upgraded(kind, content) if action == UPDATE else None
        remark = made.remark(self._take(kind)) if made is not None else ""
        reason = "; ".join(filter(None, [reason, remark]))
        self.steps.append(Step(action, kind, uuid, name, path, reason, made))
        written = made.content if made is not None else content
        if kind == "dashboard" and action in (CREATE, UPDATE) and self.deleted:
            written = without_charts(written, self.deleted)
        return written

    def _upgraded(self, kind: str, content: Content) -> Upgrade | None:
        """The new version with people's edits; None where the ledger does not know the old one."""
        entry = asset_entry(kind, content)
        installed = self.state.ledger.get(entry.key)
        if installed is None or entry.key not in self.found:
            return None
        exported = self.gateway.read(kind, entry.uuid)
        take = self._take(kind)
        whose = OURS if take == COPY else take
        made = upgrade(kind, installed, exported, content, whose, self.remade)
        if take == COPY and made.conflicts:
            copy = copy_of(kind, exported)
            self.copies[f"{kind}s/{copy['uuid']}.yaml"] = copy
        if kind == "dataset":
            made = with_what_people_use(made, installed, exported, self.state, self.gateway)
        return made

    def _take(self, kind: str) -> str:
        """Whose change counts; of a connection, an alert or a rule there is no sense in two."""
        alone = kind in ("database", "alert", "rule")
        return THEIRS if alone and self.take == COPY else self.take

    def _use_database(self, name: str, path: str) -> tuple[str, str]:
        if any(thing.kind == "database" and thing.name == name for thing in self.state.found):
            return USE, "connection exists in Superset"
        return REFUSE, (
            f'{path}: Superset has no database connection named "{name}"; add it in Superset '
            "under Settings > Database Connections, or give the profile a database uri"
        )

    def _compare(self, kind: str, content: Content) -> tuple[str, str]:
        entry = asset_entry(kind, content)
        if entry.key not in self.found:
            known = entry.key in self.state.ledger and kind in ("chart", "dashboard", "alert")
            if known and not self.restore:
                return DELETED, LEFT
            if kind == "alert" and content["chart_uuid"] in self.deleted:
                return DELETED, "its chart was deleted in Superset"
            return CREATE, ""
        if any(uuid in self.created for uuid in references(kind, content)):
            return UPDATE, REBUILT
        installed = self.state.ledger.get(entry.key)
        if installed is None:
            return UPDATE, "not in the ledger"
        if installed.fingerprint != entry.fingerprint:
            return UPDATE, ""
        if kind == "database" and not self.gateway.knows_password(content):
            return UPDATE, "Superset has another password"
        return UNCHANGED, ""

    def role(self, role: RoleGrant) -> None:
        """Plan one role."""
        entry = role_entry(role)
        existing = self.found.get(entry.key)
        installed = self.state.ledger.get(entry.key)
        access = access_of(role, existing, installed, self.created)
        self.access[role.name] = access
        action, reason = UPDATE, ""
        if existing is None:
            action = CREATE
            if installed is not None and not self.restore:
                action, reason = DELETED, LEFT
        elif installed is None and (
            existing.other_permissions or not existing.grants <= set(role.datasets)
        ):
            action, reason = (
                REFUSE,
                (
                    f'role "{role.name}": Superset has a role of this name with permissions of its '
                    "own; rename it there, or name the role differently in the profile"
                ),
            )
        elif any(uuid in self.created for uuid in role.datasets):
            reason = REBUILT
        elif access.is_held(existing) and _same(installed, entry.fingerprint):
            action = UNCHANGED
        self.steps.append(Step(action, "role", role.name, role.name, None, reason))

    def retire(self, owner: str, contents: Mapping[str, Content], with_roles: bool) -> None:
        """Plan what becomes of that which an older version of this profile's bundle brought.

        A bundle without roles is one of somebody who makes them elsewhere. Where no alert is seen
        at all, this way into Superset may not see them.
        """
        planned = {(step.kind, step.uuid): step for step in self.steps}
        unseen = {"alert"} - {thing.kind for thing in self.state.found}
        if not with_roles:
            unseen.add("role")
        old = [
            entry
            for key, entry in self.state.ledger.items()
            if key not in planned and entry.owner in ("", owner) and entry.kind not in unseen
        ]

        def released(use: Use, uuid: str) -> bool:
            step = planned.get((use.kind, use.uuid))
            if step is None or not step.writes or step.path is None:
                return False
            return uuid not in references(use.kind, contents[step.path])

        for one in retired(old, self.state, self.gateway, released):
            action, reason = REMOVE, "not in this version, and needed by nobody"
            if not one.is_there:
                action, reason = FORGET, "not in this version, and deleted in Superset"
            elif one.reason:
                action, reason = KEEP, f"not in this version, but {one.reason}"
            entry = one.entry
            self.steps.append(Step(action, entry.kind, entry.uuid, entry.name, None, reason))


def _same(installed: Any, fingerprint: str) -> bool:
    return installed is not None and installed.fingerprint == fingerprint
