"""How the tests are shared out when they run on several processes (`--dist loadgroup`)."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file stays on one process; all that starts a Superset stays together on one."""
    for item in items:
        slow = item.get_closest_marker("superset") or item.get_closest_marker("browser")
        group = "superset" if slow else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
