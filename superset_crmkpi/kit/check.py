"""The contract of the connector in a folder, run promise by promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.registry import load_plugin
from superset_crmkpi.kit.contract import PROMISES, Bench, NotRun
from superset_crmkpi.kit.coverage_table import check_found, check_readme

KEPT, BROKEN, NOT_RUN = "kept", "broken", "not run"
#: besides those of `PROMISES`; over all landings at once
FOUND = "every table and column is found in some landing"
README = "the readme tells its coverage"


@dataclass(frozen=True)
class Result:
    """One promise on one landing; `message` says why it is broken or was not run."""

    connector: str
    landing: str
    promise: str
    outcome: str
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def benches(folder: Path, landing: str | None = None) -> list[Bench]:
    """The connectors of a plugin's folder over its fixtures, a bench per landing."""
    found = []
    for connector in load_plugin(folder):
        if connector.schema is None:
            continue
        for name in _landings(connector, landing):
            found.append(Bench(connector, folder / "fixtures", name))
    if not found:
        raise CrmKpiError(f"{folder}: brings no connector with a schema.yaml")
    return found


def _landings(connector: Connector, wanted: str | None) -> Iterable[str]:
    if wanted is None:
        return sorted(connector.landings)
    connector.landing(wanted)
    return [wanted]


def check(
    folder: Path, landing: str | None = None, say: Callable[[str], None] = lambda text: None
) -> list[Result]:
    """Every promise on every landing (or the one named). `say` hears what is being done."""
    results = []
    made = benches(folder, landing)
    for bench in made:
        malformed = False
        for promise, keeps in PROMISES.items():
            say(f"{bench.connector.name}, {bench.landing}: {promise}")
            if malformed:
                results.append(Result(bench.connector.name, bench.landing, promise, NOT_RUN))
                continue
            result, malformed = _result(bench, promise, partial(keeps, bench))
            results.append(result)
        if landing is None:
            compare = partial(check_readme, folder / "README.md", made)
            results.append(_result(bench, FOUND, partial(check_found, made))[0])
            results.append(_result(bench, README, compare)[0])
    return results


def _result(bench: Bench, promise: str, keeps: Callable[[], None]) -> tuple[Result, bool]:
    """The result, and whether a file is at fault, so that each promise would say the same."""
    outcome, message, malformed = KEPT, "", False
    try:
        keeps()
    except AssertionError as error:
        outcome, message = BROKEN, str(error)
    except NotRun as reason:
        outcome, message = NOT_RUN, str(reason)
    except CrmKpiError as error:
        outcome, message, malformed = BROKEN, error.message, True
    except Exception as error:
        outcome, message = BROKEN, f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return Result(bench.connector.name, bench.landing, promise, outcome, message), malformed
