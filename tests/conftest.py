"""How the tests are shared out when they run on several processes (`--dist loadgroup`)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from superset_crmkpi.plugins.built_in import Home

# a kept bundle would answer for code that a test replaces
os.environ["CRMKPI_CACHE_DIR"] = "off"

if "CRMKPI_TEST_SQL" in os.environ:  # tests.mutation runs the tests over a broken copy
    Home.folder = Path(os.environ["CRMKPI_TEST_SQL"]).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file stays on one process; all that starts a Superset stays together on one."""
    for item in items:
        slow = item.get_closest_marker("superset") or item.get_closest_marker("browser")
        group = "superset" if slow else item.nodeid.partition("::")[0]
        parameters = getattr(item, "callspec", None)
        if group == "tests/test_matrix.py" and parameters is not None:
            group = _of_engine(parameters.params["engine"])
        item.add_marker(pytest.mark.xdist_group(group))


def _of_engine(engine: str) -> str:
    """With the engine's own tests, as a server of its own costs each process half a minute."""
    file = f"tests/test_engines_{engine}.py"
    return file if (Path(__file__).parents[1] / file).is_file() else f"matrix {engine}"
