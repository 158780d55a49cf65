"""The connector of docs/connectors.md, taken from there to the letter, keeps the contract."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi import plugins
from superset_crmkpi.testing import ConnectorContract

DOCS = Path(__file__).parents[1] / "docs" / "connectors.md"
PROMISES = [name for name in dir(ConnectorContract) if name.startswith("test_")]


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConnectorContract]:
    root = tmp_path_factory.mktemp("acorn")
    for name, body in re.findall(
        r"^`([^`\n]+)`[^\n]*\n\n```\w+\n(.*?)^```", DOCS.read_text(), re.M | re.S
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    spec = importlib.util.spec_from_file_location("crmkpi_acorn", root / "crmkpi_acorn/__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    plugins.plugin_manager().register(module, "crmkpi_acorn")
    test: dict[str, Any] = {"__file__": str(root / "tests" / "test_contract.py")}
    exec((root / "tests" / "test_contract.py").read_text(), test)
    yield test["TestAcorn"]()
    plugins.plugin_manager().unregister(module)


@pytest.mark.parametrize("promise", PROMISES)
def test_the_documented_connector_keeps_its_promise(
    contract: ConnectorContract, promise: str
) -> None:
    getattr(contract, promise)()
