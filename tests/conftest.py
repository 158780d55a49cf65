"""How the tests are shared out when they run on several processes (`--dist loadgroup`)."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import core

from superset_crmkpi.cli import COLLECT
from superset_crmkpi.plugins.built_in import Home
from superset_crmkpi.testing import ConnectorContract
from tests.seeds import SEED, seed, within

# a kept bundle would answer for code that a test replaces
os.environ["CRMKPI_CACHE_DIR"] = "off"

if "CRMKPI_TEST_SQL" in os.environ:  # tests.mutation runs the tests over a broken copy
    Home.folder = Path(os.environ["CRMKPI_TEST_SQL"]).parent

#: groups that take minutes, the longest first: a long one that begins last has a core to itself
HEAVY = (
    "superset",
    "tests/test_engines_spark.py",
    "connector salesforce",
    "tests/test_engines_mariadb.py",
    "tests/test_built_facts.py",
    "tests/test_build.py",
    "tests/test_custom_fields.py",
    "tests/test_engines_clickhouse.py",
    "matrix duckdb",
    "matrix postgres",
    "connector hubspot",
    "tests/demo",
    "tests/test_matching.py",
    "tests/test_contract_faults.py",
    "connector pipedrive",
    "connector zendesk",
    "tests/test_identities.py",
    "tests/test_same_company.py",
    "tests/test_histories.py",
)
#: `make fast` leaves these out, beside all that needs a server or Superset
NOT_FAST = (
    *HEAVY,
    "connector",
    "tests/kpis/test_crm_impact_oracle.py",
    "tests/real",
    "tests/test_docs.py",
    "tests/test_made_up_crm.py",
    "tests/test_matrix.py",
    "tests/test_mutation.py",
    "tests/test_personal_data.py",
    "tests/test_plugin_kit.py",
    "tests/test_pull",
    "tests/test_wheel.py",
)
#: within so many days bad input meets each landing of each connector: it costs most of the contract
BAD_INPUT_DAYS = 3
#: engines whose tests start a server of their own
DEAR = {"clickhouse", "mariadb", "spark"}
SERVERS = {"clickhouse", "mariadb", "mysql", "postgres", "spark"}
#: the contract suite is part of `make fast` by the one connector that has the smallest tables
FAST_CONNECTOR = "plugins/crmkpi-ads/"


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(*COLLECT)
    if config.getoption("--hypothesis-seed", None) is None:
        core.global_force_seed = seed()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each item gets its group; the heavy groups begin; what needs little is marked `fast`."""
    pairs = sorted({pair for item in items if (pair := _bad_input(item))})
    today = set(within(BAD_INPUT_DAYS, pairs)) if pairs else set()
    waiting = {item for item in items if not _has_its_turn(item, today)}
    config.hook.pytest_deselected(items=list(waiting))
    items[:] = [item for item in items if item not in waiting]
    places = {group: place for place, group in enumerate(HEAVY)}
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
        if _is_fast(item, group):
            item.add_marker(pytest.mark.fast)
    items.sort(key=lambda item: places.get(groups[item], len(places)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """On several processes groups hold together, or what they share is made by each process."""
    if getattr(session.config.option, "loadgroup", False):
        assert all("@" in item.nodeid for item in session.items), "xdist does not see the groups"
    gc.collect()
    gc.freeze()  # what was imported and collected stays


def _has_its_turn(item: pytest.Item, today: set[tuple[str, str]]) -> bool:
    """What a test's mark `turn` says of its parameters; bad input meets those landings `today`."""
    turn = item.get_closest_marker("turn")
    if turn is not None:
        return bool(turn.args[0](_parameters(item)))
    pair = _bad_input(item)
    return pair is None or pair in today


def _bad_input(item: pytest.Item) -> tuple[str, str] | None:
    """(suite, landing) of a connector's promise about bad input; None of any other test."""
    given, suite = _parameters(item), getattr(item, "cls", None)
    if suite is None or not issubclass(suite, ConnectorContract) or "promise" not in given:
        return None
    from superset_crmkpi.kit.contract import PROMISES, survival

    if PROMISES[given["promise"]] not in survival.PROMISES:
        return None
    return suite.__name__, given["landing"]


def _group(item: pytest.Item) -> str:
    """A file stays on one process, and so does what shares something that is dear to make."""
    if item.get_closest_marker("superset") or item.get_closest_marker("browser"):
        return "superset"
    file = item.nodeid.partition("::")[0]
    given = _parameters(item)
    if "test_engines_" not in file:
        engine = given.get("engine", next(iter(DEAR.intersection(_words(given.values()))), None))
        if engine in DEAR or (engine and file == "tests/test_matrix.py"):
            return _of_engine(engine)
    if file.startswith("plugins/crmkpi-"):
        return f"connector {file.split('/')[1].removeprefix('crmkpi-')}"
    if file in ("tests/test_fields_of_connectors.py", "tests/test_recognise.py"):
        return f"connector {given['name']}" if "landing" in given else file
    if file.startswith("tests/demo/"):
        return "tests/demo"
    return file


def _of_engine(engine: str) -> str:
    """With the engine's own tests, as a server of its own costs each process half a minute."""
    file = f"tests/test_engines_{engine}.py"
    return file if (Path(__file__).parents[1] / file).is_file() else f"matrix {engine}"


def _is_fast(item: pytest.Item, group: str) -> bool:
    if group == "superset" or item.get_closest_marker("postgres"):
        return False
    if SERVERS.intersection(_words(_parameters(item).values())):
        return False
    left_out = group.startswith(NOT_FAST) or item.nodeid.startswith(NOT_FAST)
    return item.nodeid.startswith(FAST_CONNECTOR) or not left_out


def _parameters(item: pytest.Item) -> dict[str, Any]:
    found = getattr(item, "callspec", None)
    return dict(found.params) if found is not None else {}


def _words(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _words(value)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Where the time went, by file: `--durations` alone names single tests."""
    shown = terminalreporter.config.getoption("durations")
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    if shown:
        terminalreporter.section("seconds of each file")
        for file, spent in sorted(seconds.items(), key=lambda pair: -pair[1])[:40]:
            terminalreporter.write_line(f"{spent:7.1f} {file}")
    terminalreporter.write_line(f"the random examples of this run: {SEED}={seed()}")
