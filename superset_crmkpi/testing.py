"""The contract suite for connectors. Imported by pytest, so it is light.

The whole test of a connector:

    from pathlib import Path
    from superset_crmkpi.testing import ConnectorContract

    class TestContract(ConnectorContract):
        connector = "salesforce"
        fixtures = Path(__file__).parents[1] / "fixtures"

Each promise runs once per landing of the connector. `fixtures` holds a folder per landing with the
tables as that loader writes them, and `expected.yaml`, which says what they mean (see
docs/connectors.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from superset_crmkpi.connectors.connector import Connector
    from superset_crmkpi.kit.contract import Bench

_benches: dict[tuple[str, Path, str], Bench] = {}


def bench_of(connector: Connector, fixtures: Path, landing: str) -> Bench:
    """A connector over the fixtures of a landing, to be asked only; made once per process."""
    from superset_crmkpi.kit.contract import Bench

    key = (connector.name, fixtures.resolve(), landing)
    if key not in _benches:
        _benches[key] = Bench(connector, fixtures, landing)
    return _benches[key]


class ConnectorContract:
    """Subclass it, name `connector` and `fixtures`; pytest does the rest."""

    connector: str
    fixtures: Path
    #: all of the connector's, unless named
    landings: tuple[str, ...] = ()

    def pytest_generate_tests(self, metafunc: Any) -> None:
        from superset_crmkpi.kit.contract import PROMISES

        if "promise" in metafunc.fixturenames:
            metafunc.parametrize("landing", self.landing_names())
            metafunc.parametrize("promise", list(PROMISES))

    def test_contract(self, landing: str, promise: str) -> None:
        from superset_crmkpi.kit.contract import PROMISES, NotRun

        try:
            PROMISES[promise](self.bench(landing))
        except NotRun as reason:
            pytest.skip(str(reason))

    def test_every_table_and_column_is_found_in_some_landing(self) -> None:
        from superset_crmkpi.kit.coverage_table import check_found

        check_found([self.bench(landing) for landing in self.landing_names()])

    def test_the_readme_tells_its_coverage(self) -> None:
        from superset_crmkpi.kit.coverage_table import check_readme

        benches = [self.bench(landing) for landing in self.landing_names()]
        check_readme(self.fixtures.parent / "README.md", benches)

    def bench(self, landing: str) -> Bench:
        """The connector over the fixtures of a landing; made once per process."""
        return bench_of(self._found(), self.fixtures, landing)

    def landing_names(self) -> list[str]:
        """Those the promises are tried on."""
        return sorted(self.landings or self._found().landings)

    def _found(self) -> Connector:
        from superset_crmkpi.connectors.registry import connector

        return connector(self.connector)


class DefinitionsContract:
    """The promises of a folder of definitions: subclass it, name `folder`; pytest does the rest.

    It is held against our own definitions, also where its plugin is installed; docs/definitions.md
    tells what lies where.
    """

    folder: Path

    def pytest_generate_tests(self, metafunc: Any) -> None:
        from superset_crmkpi.kit.definitions import PROMISES

        if "promise" in metafunc.fixturenames:
            metafunc.parametrize("promise", list(PROMISES))

    def test_contract(self, promise: str) -> None:
        from superset_crmkpi.kit.definitions import PROMISES, DefinitionsBench
        from superset_crmkpi.plugins.definitions import alone

        folders = alone(self.folder)
        PROMISES[promise](DefinitionsBench(folders, folders[-1].owner))
