"""Plugins come in by hooks, and a broken one is named."""

from __future__ import annotations

import inspect
import json
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pluggy
import pytest

from superset_crmkpi.base import paths
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.connector import Connector
from superset_crmkpi.connectors import registry
from superset_crmkpi.hookspecs import hookimpl
from superset_crmkpi.plugins import hookspecs
from superset_crmkpi.plugins import manager as plugins
from superset_crmkpi.plugins.definitions import installed as installed_folders
from tests.commands import run

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


def test_register_definitions(manager: pluggy.PluginManager, tmp_path: Path) -> None:
    area = tmp_path / "crm" / "sql" / "kpis" / "conversion"
    area.mkdir(parents=True)
    text = (paths.SQL / "kpis" / "conversion" / "win_rate.sql").read_text()
    (area / "big_win_rate.sql").write_text(text)
    module = types.ModuleType("oak_kpis")

    @hookimpl
    def register_definitions(register: Callable[[Path], None]) -> None:
        register(tmp_path / "crm")

    module.register_definitions = register_definitions  # type: ignore[attr-defined]
    before = set(load_catalog().kpis)
    manager.register(module, "oak_kpis")
    assert set(load_catalog().kpis) - before == {"big_win_rate"}
    manager.unregister(module)
    assert set(load_catalog().kpis) == before


def test_built_in_plugins_come_in_by_the_same_hooks(manager: pluggy.PluginManager) -> None:
    names = {name for name, _ in manager.list_name_plugin()}
    assert set(plugins.DEFAULT_PLUGINS) <= names
    assert [folder.path for folder in installed_folders()] == [paths.HOME]
    manager.unregister(name=plugins.BUILT_IN)
    try:
        assert not load_catalog().kpis
    finally:
        plugins.plugin_manager.cache_clear()


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


@pytest.fixture
def installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], None]]:
    """Installs the distribution crmkpi-NAME 1.0 with one module; gone afterwards."""

    def install(name: str, code: str) -> None:
        (tmp_path / f"crmkpi_{name}.py").write_text(code)
        metadata = tmp_path / f"crmkpi_{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: crmkpi-{name}\nVersion: 1.0\n"
        )
        (metadata / "entry_points.txt").write_text(f"[superset_crmkpi]\n{name} = crmkpi_{name}\n")

    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.plugin_manager.cache_clear()
    yield install
    plugins.plugin_manager.cache_clear()
    for module in [name for name in sys.modules if name.startswith("crmkpi_oak")]:
        del sys.modules[module]


IMPORT = "from superset_crmkpi.hookspecs import hookimpl\n"
BROKEN = {
    "cannot be imported": ("import module_that_is_not_there\n", "module_that_is_not_there"),
    "ends the process": ("raise SystemExit('no licence')\n", "SystemExit: no licence"),
    "implements no hook": (
        f"{IMPORT}@hookimpl\ndef register_conectors(register): ...\n",
        "register_conectors",
    ),
    "takes what is not given": (
        f"{IMPORT}@hookimpl\ndef register_connectors(register, colour): ...\n",
        "colour",
    ),
    "fails in its hook": (
        f"{IMPORT}@hookimpl\ndef register_connectors(register):\n    return 1 / 0\n",
        "ZeroDivisionError: division by zero",
    ),
    "gives no connector": (
        f"{IMPORT}@hookimpl\ndef register_connectors(register):\n    register('acorn')\n",
        "takes a Connector, not 'acorn'",
    ),
    "wraps and fails": (
        f"{IMPORT}@hookimpl(wrapper=True)\ndef register_connectors(register):\n"
        "    yield\n    raise ValueError('late')\n",
        "ValueError: late",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_plugin_is_named_once_in_one_line_and_the_others_work(
    installed: Callable[[str, str], None], caplog: pytest.LogCaptureFixture, how: str
) -> None:
    code, told = BROKEN[how]
    installed("oak", code)
    for _ in range(2):
        assert {"salesforce", "profile"} <= set(registry.connectors())
    (line,) = [record.message for record in caplog.records]
    assert line.startswith("plugin `oak` of crmkpi-oak 1.0 is left out: ")
    assert told in line
    assert line.endswith("upgrade or uninstall it, or name it in CRMKPI_BLOCK_PLUGINS")
    assert "\n" not in line
    broken = next(one for one in plugins.plugin_manager().known() if one.name == "oak")
    assert (broken.state, broken.hooks) == ("broken", ())
    assert told in broken.reason


def test_a_connector_of_a_broken_plugin_says_why_it_is_not_there(
    installed: Callable[[str, str], None],
) -> None:
    installed("oak", "import module_that_is_not_there\n")
    with pytest.raises(CrmKpiError, match=r"`oak` is not there, as its plugin `oak` of crmkpi-oak"):
        registry.connector("oak")
    with pytest.raises(CrmKpiError, match=r"pip install crmkpi-elm`; plugin `oak` .* is broken: "):
        registry.connector("elm")


def test_a_blocked_plugin_is_not_even_imported(
    installed: Callable[[str, str], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed("oak", "raise AssertionError('imported')\n")
    monkeypatch.setenv("CRMKPI_BLOCK_PLUGINS", "oak, zoho")
    known = registry.connectors()
    assert "zoho" not in known
    assert "salesforce" in known
    assert not caplog.records
    with pytest.raises(CrmKpiError, match="is blocked: named in CRMKPI_BLOCK_PLUGINS"):
        registry.connector("zoho")


def test_blocking_a_plugin_that_is_not_there_is_noticed(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRMKPI_BLOCK_PLUGINS", "zooho")
    plugins.plugin_manager.cache_clear()
    plugins.plugin_manager()
    plugins.plugin_manager.cache_clear()
    assert [record.message for record in caplog.records] == [
        "CRMKPI_BLOCK_PLUGINS names `zooho`; there is no such plugin"
    ]


def test_pluggy_calls_the_hooks_in_its_order_and_within_their_wrappers(
    manager: pluggy.PluginManager,
) -> None:
    called = []
    first, second, around = (types.ModuleType(name) for name in ("first", "second", "around"))

    @hookimpl
    def register_connectors(register: Callable[[Connector], None]) -> None:
        called.append("second")

    second.register_connectors = register_connectors  # type: ignore[attr-defined]

    @hookimpl(tryfirst=True)  # type: ignore[no-redef]
    def register_connectors(register: Callable[[Connector], None]) -> None:
        called.append("first")

    first.register_connectors = register_connectors  # type: ignore[attr-defined]

    @hookimpl(wrapper=True)  # type: ignore[no-redef]
    def register_connectors(register: Callable[[Connector], None]) -> Iterator[None]:
        called.append("before")
        yield
        called.append("after")

    around.register_connectors = register_connectors  # type: ignore[attr-defined]
    for module in (first, second, around):
        manager.register(module, module.__name__)
    registry.connectors()
    assert called[:6] == ["before", "first", "after", "before", "second", "after"]


def test_the_list_of_plugins_tells_whose_they_are_and_what_they_bring(
    installed: Callable[[str, str], None],
) -> None:
    installed("oak", "import module_that_is_not_there\n")
    done = run("plugin", "list", "--format", "json")
    assert done.exit_code == 0
    found = {one["plugin"]: one for one in json.loads(done.stdout)}
    zoho, ours, broken = found["zoho"], found[plugins.BUILT_IN], found["oak"]
    assert (zoho["distribution"], zoho["state"]) == ("crmkpi-zoho", "active")
    assert (zoho["hooks"], zoho["connectors"]) == (["register_connectors"], ["zoho"])
    assert zoho["version"]
    assert ours["distribution"] == "superset-crmkpi"
    assert ours["definitions"][2] == f"{len(load_catalog().kpis)} KPIs"
    assert (broken["state"], broken["reason"]) == (
        "broken",
        "No module named 'module_that_is_not_there'",
    )
    told = run("plugin", "list")
    assert told.exit_code == 0
    assert "oak is broken: No module named 'module_that_is_not_there'\n" in told.stdout


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
