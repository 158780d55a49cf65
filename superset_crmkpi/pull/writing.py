"""A spec as a YAML page that a person can read, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from superset_crmkpi.base.documents import read_text
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Dumper
from superset_crmkpi.dashboards.spec import Dashboard, Row, Spec, Tab, Tile

WIDTH = 100
#: stands on top of what a pull wrote anew, and may be overwritten by the next
MARK = "# Written by `crmkpi pull`: what people changed in Superset."


@dataclass(frozen=True)
class Goal:
    """Where a changed spec goes. `is_anew`: into a file of its own that replaces a built-in one."""

    path: Path
    is_anew: bool


def goal_of(spec: Spec, folder: Path) -> Goal:
    """The file of the spec where it is a profile's own, else one of its audience in `folder`.

    CrmKpiError where a file is in the way that no pull wrote.
    """
    if spec.folder.rank == 2:
        return Goal(spec.path, False)
    path = folder / "dashboards" / f"{spec.board.audience}.yaml"
    if path.exists() and not read_text(path).startswith(MARK):
        raise CrmKpiError(
            f"{path}: is there, and was not written by a pull; move it away, or choose another "
            "folder by --into"
        )
    return Goal(path, True)


def write(board: Dashboard, goal: Goal) -> None:
    """Write the spec. A comment on top of a file that is changed stays; others are lost.

    CrmKpiError where it cannot be written.
    """
    if goal.is_anew:
        text = f"{MARK}\n{to_text(board.model_copy(update={'replaces': True}))}"
    else:
        text = _comment(read_text(goal.path)) + to_text(board)
    aside = goal.path.with_suffix(".yaml.new")
    try:
        goal.path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(goal.path)
    except OSError as error:
        raise CrmKpiError(f"{goal.path}: cannot be written ({error.strerror})") from error
    finally:
        aside.unlink(missing_ok=True)


def _comment(text: str) -> str:
    lines = text.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:count])


def to_text(board: Dashboard) -> str:
    """The spec without what it need not say; a tile on a line where it fits."""
    content: Any = _plain(board)
    made: str = yaml.dump(
        content,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=WIDTH,
    )
    return made


def _plain(board: Dashboard) -> dict[str, Any]:
    made = board.model_dump(by_alias=True, exclude_defaults=True, exclude={"tabs"})
    return {**made, "tabs": [_tab(tab) for tab in board.tabs]}


def _tab(tab: Tab) -> dict[str, Any]:
    return {"title": tab.title, "use": tab.use, "rows": [_row(row) for row in tab.rows]}


def _row(row: Row) -> dict[str, Any]:
    needs = {"needs": row.needs} if row.needs else {}
    return {"height": row.height, **needs, "tiles": [_tile(tile) for tile in row.tiles]}


def _tile(tile: Tile) -> dict[str, Any]:
    made = tile.model_dump(by_alias=True, exclude_defaults=True)
    for key in ("kpi", "by", "measure"):
        if len(made.get(key, ())) == 1:
            made[key] = made[key][0]
    made.pop("width", None)
    return {**made, "width": tile.width}


def folder_for(chosen: Path | None, definitions: Sequence[Path], beside: Path) -> Path:
    """`--into`, or the first folder of the profile's own, or `crm` beside the profile."""
    return chosen or (definitions[0] if definitions else beside / "crm")
