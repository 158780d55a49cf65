"""What the author says the fixtures mean: `fixtures/expected.yaml`.

    opportunity:          # entity
      "006A":             # native id; all ids of the entity stand here, deleted ones do not
        amount: 1500.0
        account_id: "001A"      # native, without the source's name
        closed_at: 2024-03-01 09:00:00
      "006B": {}

A landing that gives an entity otherwise has its own file beside its CSV files,
`fixtures/<landing>/expected.yaml`, whose entities replace those of the common one.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from superset_crmkpi.kit.contract.bench import NAME, Bench

FILE = "expected.yaml"
Rows = dict[str, dict[str, Any]]


def expected(bench: Bench) -> dict[str, Rows]:
    """Entity -> native id -> column -> value. AssertionError when there is no such file."""
    found: dict[str, Any] = {}
    for folder in dict.fromkeys((bench.fixtures, bench.folder)):
        found.update(_read(folder / FILE))
    assert found, f"fixtures/{FILE} is missing: say which rows and values the fixtures must give"
    return {
        entity: {str(key): dict(values or {}) for key, values in (rows or {}).items()}
        for entity, rows in found.items()
    }


def told_elsewhere(bench: Bench, entity: str) -> set[str]:
    """Columns that have a value in the common file, whose rows a landing's own replace."""
    rows = (_read(bench.fixtures / FILE).get(entity) or {}).values()
    return {name for row in rows for name, value in (row or {}).items() if value is not None}


def ids_of(bench: Bench, entity: str) -> list[str]:
    """The native ids that an entity has in any landing."""
    files = [bench.fixtures / FILE, *sorted(bench.fixtures.glob(f"*/{FILE}"))]
    return [str(key) for file in files for key in _read(file).get(entity) or {}]


@lru_cache(maxsize=256)
def _read(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}


def plain(value: Any) -> Any:
    """A cell as something that compares: a reference is native, a moment without a zone."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return value.removeprefix(f"{NAME}:")
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value


def same(given: Any, wanted: Any) -> bool:
    """Whether a finished cell is what the author expects."""
    if isinstance(wanted, bool) or isinstance(given, bool):
        return given is wanted
    if isinstance(given, (int, float)) and isinstance(wanted, (int, float)):
        return math.isclose(given, wanted, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(given, datetime) and type(wanted) is date:
        return given == datetime(wanted.year, wanted.month, wanted.day)
    if isinstance(wanted, datetime):
        return bool(given == wanted.replace(tzinfo=None))
    return bool(given == wanted)
