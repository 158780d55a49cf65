"""What we installed for alerts that the profile no longer has: it must not go on telling people."""

from __future__ import annotations

from collections.abc import Iterator

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.edits import edits
from superset_crmkpi.installer.gateway import Gateway, LedgerEntry, State
from superset_crmkpi.installer.upgrade import comparable

Retired = tuple[str, str, str, str]  # kind, uuid, name, why it stays ('' where it goes)
STAYS = "no longer in the profile, but changed in Superset, so it stays; pause or delete it there"


def retired(bundle: Bundle, state: State, gateway: Gateway) -> list[Retired]:
    """Alerts, their charts and the datasets of those, in the order in which they can be deleted.

    An alert is this profile's when it leads to one of its dashboards. A chart that people put on a
    dashboard, or changed, stays, and so does a dataset with charts of theirs.
    """
    alerts = list(_alerts(bundle, state, gateway))
    gone = {uuid for _, uuid, _, stays in alerts if not stays}
    entries = [state.ledger["alert", uuid] for uuid in gone]
    charts = list(_charts(bundle, state, gateway, {str(e.content["chart_uuid"]) for e in entries}))
    return [*alerts, *charts, *_datasets(bundle, state, {uuid for _, uuid, _, _ in charts})]


def _alerts(bundle: Bundle, state: State, gateway: Gateway) -> Iterator[Retired]:
    boards = {str(content["uuid"]) for _, content in bundle.of("dashboards")}
    wanted = {str(content["uuid"]) for _, content in bundle.of("alerts")}
    found = state.by_key()
    for key, entry in state.ledger.items():
        ours = entry.kind == "alert" and str(entry.content["dashboard_uuid"]) in boards
        if ours and entry.uuid not in wanted and key in found:
            stays = STAYS if _is_edited(entry, gateway) else ""
            yield entry.kind, entry.uuid, found[key].name, stays


def _charts(bundle: Bundle, state: State, gateway: Gateway, of: set[str]) -> Iterator[Retired]:
    wanted = {str(content["uuid"]) for _, content in bundle.of("charts")}
    found = state.by_key()
    for uuid in sorted(of - wanted):
        entry, there = state.ledger.get(("chart", uuid)), found.get(("chart", uuid))
        if entry and there and not there.is_shown and not _is_edited(entry, gateway):
            yield "chart", uuid, there.name, ""


def _datasets(bundle: Bundle, state: State, charts: set[str]) -> Iterator[Retired]:
    wanted = {str(content["uuid"]) for _, content in bundle.of("datasets")}
    read = {c.dataset_uuid for c in state.found if c.kind == "chart" and c.uuid in charts}
    left = {c.dataset_uuid for c in state.found if c.kind == "chart" and c.uuid not in charts}
    for thing in state.found:
        ours = thing.key in state.ledger and thing.kind == "dataset"
        if ours and thing.uuid in read - left - wanted:
            yield "dataset", thing.uuid, thing.name, ""


def _is_edited(entry: LedgerEntry, gateway: Gateway) -> bool:
    exported = comparable(entry.kind, gateway.read(entry.kind, entry.uuid))
    return entry.untouched is None or any(edits(entry.untouched, exported))
