"""Where a KPI stands, as a link from one dashboard to another."""

from __future__ import annotations

from collections.abc import Iterable

from superset_crmkpi.bundle.layout import tab_key
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.dashboards.rules import EXECUTIVE
from superset_crmkpi.dashboards.spec import Dashboard


def addresses(dashboards: Iterable[Dashboard], target: Target) -> dict[str, str]:
    """KPI -> the first tab that has a tile of it, beside the page of any dashboard.

    Relative, as a Superset may lie below any path. The executive dashboard is where the links are.
    """
    found: dict[str, str] = {}
    for board in dashboards:
        if board.audience == EXECUTIVE:
            continue
        for tab in board.tabs:
            for name in [name for row in tab.rows for tile in row.tiles for name in tile.kpi]:
                found.setdefault(name, f"../{target.address(board.slug)}/#{tab_key(tab)}")
    return found
