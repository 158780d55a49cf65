"""The contract of what a folder brings, connectors and definitions, run promise by promise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.registry import load_plugin
from superset_crmkpi.kit import definitions
from superset_crmkpi.kit.contract import PROMISES, Bench, NotRun
from superset_crmkpi.kit.coverage_table import check_found, check_readme
from superset_crmkpi.kit.definitions import DefinitionsBench
from superset_crmkpi.plugins.definitions import Folders, beside, by_plugin, installed
from superset_crmkpi.plugins.manager import load_folder

logger = logging.getLogger(__name__)

KEPT, BROKEN, NOT_RUN = "kept", "broken", "not run"
#: besides those of `PROMISES`; over all landings at once
FOUND = "every table and column is found in some landing"
README = "the readme tells its coverage"


@dataclass(frozen=True)
class Result:
    """One promise on one landing; `message` says why it is broken or was not run.

    Of definitions, `connector` is whose they are, and `landing` is "definitions".
    """

    connector: str
    landing: str
    promise: str
    outcome: str
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def benches(folder: Path, landing: str | None = None) -> list[Bench]:
    """The connectors of a plugin's folder over its fixtures, a bench per landing."""
    found = _benches(folder, landing)
    if not found:
        raise CrmKpiError(f"{folder}: brings no connector with a schema.yaml")
    return found


def _benches(folder: Path, landing: str | None) -> list[Bench]:
    return [
        Bench(connector, folder / "fixtures", name)
        for connector in load_plugin(folder)
        if connector.schema is not None
        for name in _landings(connector, landing)
    ]


def _landings(connector: Connector, wanted: str | None) -> Iterable[str]:
    if wanted is None:
        return sorted(connector.landings)
    connector.landing(wanted)
    return [wanted]


def check(
    folder: Path, landing: str | None = None, say: Callable[[str], None] = lambda text: None
) -> list[Result]:
    """Every promise of the connectors and definitions in `folder`, on every landing (or one).

    It is that of a plugin, or one of definitions alone. `say` hears what is being done.
    """
    is_alone = any((folder / part).is_dir() for part in ("sql", "dashboards"))
    if not (folder / "pyproject.toml").is_file() and is_alone:
        return list(_definitions(beside([folder]), say))
    made = _benches(folder, landing)
    own = tuple(f for name in load_folder(folder) for f in by_plugin().get(name, []))
    if not made and not own:
        raise CrmKpiError(f"{folder}: brings no connector with a schema.yaml, and no definitions")
    return [*_connectors(folder, made, landing, say), *_definitions(own, say)]


def _connectors(
    folder: Path, made: list[Bench], landing: str | None, say: Callable[[str], None]
) -> Iterator[Result]:
    for bench in made:
        place = (bench.connector.name, bench.landing)
        malformed = False
        for promise, keeps in PROMISES.items():
            say(f"{bench.connector.name}, {bench.landing}: {promise}")
            if malformed:
                yield Result(*place, promise, NOT_RUN)
                continue
            result, malformed = _result(place, promise, partial(keeps, bench))
            yield result
        if landing is None:
            compare = partial(check_readme, folder / "README.md", made)
            yield _result(place, FOUND, partial(check_found, made))[0]
            yield _result(place, README, compare)[0]


def _definitions(own: Folders, say: Callable[[str], None]) -> Iterator[Result]:
    """The promises of the folders of one owner, among all that is installed."""
    if not own:
        return
    owner = max(own, key=lambda folder: folder.rank).owner
    folders = tuple(dict.fromkeys([*installed(), *own]))
    bench = DefinitionsBench(folders, owner)
    for promise, keeps in definitions.PROMISES.items():
        say(f"{owner}: {promise}")
        yield _result((owner, "definitions"), promise, partial(keeps, bench))[0]


def _result(place: tuple[str, str], promise: str, keeps: Callable[[], None]) -> tuple[Result, bool]:
    """The result, and whether a file is at fault, so that each promise would say the same."""
    outcome, message, malformed = KEPT, "", False
    try:
        with timed(logger, f"{' '.join(place)}: {promise}"):
            keeps()
    except AssertionError as error:
        outcome, message = BROKEN, str(error)
    except NotRun as reason:
        outcome, message = NOT_RUN, str(reason)
    except CrmKpiError as error:
        outcome, message, malformed = BROKEN, error.message, True
    except Exception as error:
        logger.debug("%s", promise, exc_info=error)
        outcome, message = BROKEN, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return Result(*place, promise, outcome, message), malformed
