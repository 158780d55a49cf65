"""Plugins come in by hooks, and a broken one is named."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pluggy
import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.connector import Connector
from superset_crmkpi.connectors import registry
from superset_crmkpi.hookspecs import hookimpl
from superset_crmkpi.plugins import hookspecs
from superset_crmkpi.plugins import manager as plugins

DOCS = Path(__file__).parents[1] / "docs" / "plugins.md"
HOOKS = [
    name
    for name, member in vars(hookspecs).items()
    if inspect.isfunction(member) and hasattr(member, "superset_crmkpi_spec")
]


@pytest.fixture
def manager() -> Iterator[pluggy.PluginManager]:
    """The real manager; what a test registers is gone afterwards."""
    found = plugins.plugin_manager()
    before = set(found.get_plugins())
    yield found
    for plugin in set(found.get_plugins()) - before:
        found.unregister(plugin)


def plugin(name: str, *connectors: str) -> types.ModuleType:
    module = types.ModuleType(name)

    @hookimpl
    def register_connectors(register: Callable[[Connector], None]) -> None:
        for connector in connectors:
            register(Connector(connector, connector.title(), Path(__file__).parent))

    module.register_connectors = register_connectors  # type: ignore[attr-defined]
    return module


def test_there_are_hooks() -> None:
    assert "register_connectors" in HOOKS


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_with_its_arguments(hook: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert re.search(rf"^## `{hook}\({arguments}\)`", DOCS.read_text(), re.M)
    assert inspect.getdoc(getattr(hookspecs, hook))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test_named_after_it(hook: str) -> None:
    assert f"test_{hook}" in globals()


def test_register_connectors(manager: pluggy.PluginManager) -> None:
    manager.register(plugin("acorn_plugin", "acorn", "oak"), "acorn_plugin")
    assert {"acorn", "oak", "profile"} <= set(registry.connectors())
    assert registry.connector("acorn").label == "Acorn"


def test_built_in_plugins_come_in_by_the_same_hooks(manager: pluggy.PluginManager) -> None:
    names = {name for name, _ in manager.list_name_plugin()}
    assert set(plugins.DEFAULT_PLUGINS) <= names


def test_installed_connectors_are_found_by_their_entry_points() -> None:
    assert {"salesforce", "zoho", "sql"} <= set(registry.connectors())


def test_two_plugins_with_one_connector_are_both_named(manager: pluggy.PluginManager) -> None:
    manager.register(plugin("first", "acorn"), "first")
    manager.register(plugin("second", "acorn"), "second")
    with pytest.raises(CrmKpiError) as caught:
        registry.connectors()
    assert "`first`" in caught.value.message
    assert "`second`" in caught.value.message
    assert "`acorn`; uninstall one of them" in caught.value.message


def test_a_connector_that_is_not_installed_is_asked_for() -> None:
    with pytest.raises(CrmKpiError, match=r"`sugar` is not installed .*pip install crmkpi-sugar"):
        registry.connector("sugar")


def test_a_plugin_that_cannot_be_imported_is_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crmkpi_broken.py").write_text("import module_that_is_not_there\n")
    metadata = tmp_path / "crmkpi_broken-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: crmkpi-broken\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[superset_crmkpi]\nbroken = crmkpi_broken\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.plugin_manager.cache_clear()
    try:
        with pytest.raises(CrmKpiError) as caught:
            plugins.plugin_manager()
    finally:
        plugins.plugin_manager.cache_clear()
    assert "crmkpi-broken" in caught.value.message
    assert "module_that_is_not_there" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_plugin_with_a_hook_that_does_not_exist_is_refused(
    manager: pluggy.PluginManager,
) -> None:
    module = types.ModuleType("misspelt")

    @hookimpl
    def register_conectors(register: Callable[[Connector], None]) -> None:
        raise AssertionError

    module.register_conectors = register_conectors  # type: ignore[attr-defined]
    manager.register(module, "misspelt")
    with pytest.raises(pluggy.PluginValidationError, match="register_conectors"):
        manager.check_pending()
