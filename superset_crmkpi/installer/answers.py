"""After an install each tile is asked once for its data: 'installed' is said of what works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.gateway import Gateway
from superset_crmkpi.installer.plan import references
from superset_crmkpi.installer.steps import Plan

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Unanswered:
    """A tile that shows an error or nothing to who has the dashboard's role."""

    dashboard: str
    tile: str
    reason: str

    def __str__(self) -> str:
        return f"{self.dashboard}, {self.tile}: {self.reason}"


@dataclass(frozen=True)
class Answers:
    """What became of asking so many tiles.

    `empty` are those whose query gave no row; `skipped` were not asked, as only a browser knows
    their query.
    """

    asked: int
    empty: tuple[Unanswered, ...] = ()
    skipped: tuple[Unanswered, ...] = ()
    failed: tuple[Unanswered, ...] = ()

    def summary(self) -> str:
        """One line."""
        told = [f"{self.asked - len(self.failed)} of {self.asked} tiles answer"]
        if self.empty:
            told.append(f"{len(self.empty)} of them without a row")
        if self.skipped:
            told.append(f"{len(self.skipped)} not asked, as only a browser knows their query")
        return ", ".join(told)

    def to_dict(self) -> dict[str, Any]:
        """For ``--format json``."""
        return asdict(self)


def ask_tiles(
    bundle: Bundle, plan: Plan, gateway: Gateway, progress: Progress = lambda _: None
) -> Answers:
    """Ask each chart that the plan wrote, or whose data it wrote, as the role of its dashboard."""
    charts = _written(bundle, plan)
    asked = 0
    empty, skipped, failed = [], [], []
    shown = [
        (board, uuid)
        for role in bundle.roles
        for board in _boards(bundle, role.dashboards)
        for uuid in references("dashboard", board)
        if uuid in charts
    ]
    roles = {uuid: role.name for role in bundle.roles for uuid in role.dashboards}
    gone = {step.uuid for step in plan.steps if step.action == "deleted"}
    for number, (board, uuid) in enumerate(shown, 1):
        role = roles[str(board["uuid"])]
        if gone & {uuid, str(board["uuid"]), role}:
            continue
        progress(f"Asking tile {number} of {len(shown)}: {charts[uuid]}")
        answer = gateway.ask(uuid, role)
        place = str(board["dashboard_title"]), charts[uuid]
        if not answer.is_known:
            skipped.append(Unanswered(*place, "only a browser knows its query"))
            continue
        asked += 1
        if answer.error:
            failed.append(Unanswered(*place, answer.error))
        elif not answer.rows:
            empty.append(Unanswered(*place, "its query gives no row"))
    return Answers(asked, tuple(empty), tuple(skipped), tuple(failed))


def _written(bundle: Bundle, plan: Plan) -> Mapping[str, str]:
    """Charts to be asked: uuid -> title."""
    written = {step.uuid for step in plan.steps if step.writes}
    return {
        str(chart["uuid"]): str(chart["slice_name"])
        for _, chart in bundle.of("charts")
        if {str(chart["uuid"]), str(chart["dataset_uuid"])} & written
    }


def _boards(bundle: Bundle, uuids: tuple[str, ...]) -> list[Mapping[str, Any]]:
    return [board for _, board in bundle.of("dashboards") if str(board["uuid"]) in uuids]
