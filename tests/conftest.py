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
from tests.seeds import SEED, is_due, seed

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
#: within so many days each landing of each connector is held to its contract; to what it says of
#: bad input, which costs most
CONTRACT_DAYS, BAD_INPUT_DAYS = 4, 8
#: within so many days each file of oracles is asked on an engine; the matrix asks all each day
ORACLE_DAYS = {"duckdb": 4, "postgres": 8}
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
    places: dict[str, int] = defaultdict(int)
    waiting = {item for item in items if not _has_its_turn(item, places)}
    config.hook.pytest_deselected(items=list(waiting))
    items[:] = [item for item in items if item not in waiting]
    ranks = {group: rank for rank, group in enumerate(HEAVY)}
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
        if _is_fast(item, group):
            item.add_marker(pytest.mark.fast)
    items.sort(key=lambda item: ranks.get(groups[item], len(ranks)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """On several processes groups hold together, or what they share is made by each process."""
    if getattr(session.config.option, "loadgroup", False):
        assert all("@" in item.nodeid for item in session.items), "xdist does not see the groups"
    gc.collect()
    gc.freeze()  # what was imported and collected stays


def _has_its_turn(item: pytest.Item, places: dict[str, int]) -> bool:
    """Whether it runs today; `places` counts the cases of each function that were looked at."""
    turn = item.get_closest_marker("turn")
    if turn is not None and not turn.args[0](_parameters(item)):
        return False
    shared = item.get_closest_marker("by_turns")
    if shared is not None:
        days, day = shared.args
        function = item.nodeid.partition("[")[0]
        places[function] += 1
        return is_due(function, days, places[function], day)
    if item.nodeid.startswith("tests/kpis/"):
        asked = set(_words(_parameters(item).values())) & ORACLE_DAYS.keys()
        days = ORACLE_DAYS[asked.pop()] if asked else ORACLE_DAYS["duckdb"]
        return is_due(item.nodeid.partition("::")[0], days)
    return _is_held_to_its_contract(item)


def _is_held_to_its_contract(item: pytest.Item) -> bool:
    """Whether a landing of a connector keeps today's promises; True of any other test."""
    given, suite = _parameters(item), getattr(item, "cls", None)
    if suite is None or not issubclass(suite, ConnectorContract) or "promise" not in given:
        return True
    from superset_crmkpi.kit.contract import PROMISES, survival

    is_bad_input = PROMISES[given["promise"]] in survival.PROMISES
    days = BAD_INPUT_DAYS if is_bad_input else CONTRACT_DAYS
    return is_due(f"{suite.__name__} {given['landing']}", days)


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
