"""The table of what a connector gives, generated from its mappings and fixtures for its README."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.canonical.model import MANAGED
from superset_crmkpi.kit.contract import Bench

BEGIN, END = "<!-- coverage -->", "<!-- /coverage -->"


def coverage_table(benches: Sequence[Bench]) -> str:
    """Markdown: a row per entity, a column per landing with how many columns it fills."""
    names = [bench.landing for bench in benches]
    lines = [
        f"| Entity | {' | '.join(names)} | Columns it has nothing for |",
        f"|---|{'---|' * len(names)}---|",
    ]
    for entity in benches[0].mappings:
        columns = [c for c in benches[0].model[entity].columns if c not in MANAGED]
        missing = [bench.project.coverage.entities[entity].missing for bench in benches]
        cells = []
        for bench, lacking in zip(benches, missing, strict=True):
            covered = bench.project.coverage.entities[entity]
            given = len([c for c in columns if c not in lacking])
            absent = covered.availability == "absent"
            cells.append("–" if absent else f"{covered.availability}, {given} of {len(columns)}")
        everywhere = [c for c in columns if all(c in lacking for lacking in missing)]
        nothing = ", ".join(f"`{column}`" for column in everywhere)
        lines.append(f"| `{entity}` | {' | '.join(cells)} | {nothing} |")
    return "\n".join(lines)


def with_table(readme: Path, table: str) -> str:
    """The README's text with the table in its place. CrmKpiError when it has none."""
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise CrmKpiError(f"{readme}: add the lines `{BEGIN}` and `{END}` where the table goes")
    block = f"{BEGIN}\n\n{table}\n\n{END}"
    return re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, count=1, flags=re.S)


def check_readme(readme: Path, benches: Sequence[Bench]) -> None:
    """AssertionError when the README's table is not what mappings and fixtures give."""
    wanted = with_table(readme, coverage_table(benches))
    told = readme.read_text(encoding="utf-8")
    remedy = f"crmkpi plugin coverage {readme.parent} --write"
    assert told == wanted, f"{readme.name} tells another coverage; run `{remedy}`"


def check_found(benches: Sequence[Bench]) -> None:
    """AssertionError when the schema has a table or column that no landing's fixtures have."""
    for table, columns in benches[0].schema.items():
        lies = [bench.raw.physical(table) for bench in benches]
        there = ", ".join(sorted(path.stem for bench in benches for path in _files(bench)))
        assert any(lies), f"table `{table}` is in no landing's fixtures ({there})"
        for column in columns:
            if not any(bench.raw.column(table, column) for bench in benches):
                known = ", ".join(
                    sorted({name for place in lies if place for name in place.columns})
                )
                raise AssertionError(
                    f"column `{table}.{column}` is in no landing's fixtures ({known}); "
                    "name it under `columns` of the landing"
                )


def _files(bench: Bench) -> list[Path]:
    return list(bench.folder.glob("*.csv"))
