"""Breaks each fact and KPI on purpose and counts how many breaks the tests notice.

`python -m tests.mutation [NAME ...] [--seed N] [--quick]`: in each file one comparison is flipped,
two arguments are swapped and one condition is dropped, each in a copy of its own, chosen by the
seed. A mutant is first held against tests/matrix and the worked examples on DuckDB, in this
process; if they notice nothing, the tests that name the fact or its KPIs run over a copy of `sql/`
with the mutant in it (not with `--quick`). SQL that fails is noticed too. Survivors are printed
with what was changed; those of accepted.yaml are counted apart, with the reason given there.
Exits with 1 when less than 95 % of the mutants that change anything are noticed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import yaml

from superset_crmkpi.base.paths import SQL
from tests.mutation.bench import Bench
from tests.mutation.change import Mutant, mutants

ACCEPTED = Path(__file__).with_name("accepted.yaml")
LEAST = 0.95
#: of accepted.yaml: the change alters no result; or it does, and no test is worth its while
KINDS = ("equivalent", "untested")


@dataclass(frozen=True)
class Accepted:
    """A survivor that is accounted for."""

    name: str
    change: str
    kind: str
    reason: str


def accepted() -> list[Accepted]:
    found = yaml.safe_load(ACCEPTED.read_text(encoding="utf-8")) or []
    entries = [Accepted(**entry) for entry in found]
    for entry in entries:
        if entry.kind not in KINDS or not entry.reason:
            raise ValueError(f"{ACCEPTED.name}: {entry.name}: needs a reason, and one of {KINDS}")
    return entries


def tests_notice(bench: Bench, mutant: Mutant) -> str:
    """The first failing test of those that name the file or what reads it; empty if none fails."""
    catalog = bench.catalog
    names = {mutant.name}
    if mutant.name in catalog.facts:
        names |= set(bench.above(mutant.name))
        names |= {kpi.name for kpi in catalog.kpis.values() if kpi.fact in names}
    folders = [Path("tests/kpis"), Path("tests/facts")]
    files = [
        str(path)
        for folder in folders
        for path in sorted(folder.glob("test_*.py"))
        if any(name in path.read_text(encoding="utf-8") for name in names)
    ]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sql"
        shutil.copytree(SQL, copy)
        holder = {**catalog.kpis, **catalog.facts}[mutant.name]
        path = copy / holder.file.path.relative_to(SQL)
        head = holder.file.path.read_text(encoding="utf-8").partition("---*/")[0]
        path.write_text(f"{head}---*/\n{mutant.sql}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *files, "tests/test_examples.py", "-k", "not postgres"],
            env={**os.environ, "CRMKPI_TEST_SQL": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0][:120] if failed else ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("names", nargs="*", help="facts and KPIs; all of them by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="the oracles only")
    given = parser.parse_args()
    begun, bench = time.monotonic(), Bench()
    fault = bench.fault_of_unchanged()
    if fault:
        sys.exit(f"the SQL as it is, already: {fault}")
    files = {
        name: entry.file
        for name, entry in [*bench.catalog.facts.items(), *bench.catalog.kpis.items()]
        if entry.file.path.is_file() and (not given.names or name in given.names)
    }
    known = {(entry.name, entry.change): entry for entry in accepted()}
    survivors: list[Mutant] = []
    by_kind: dict[str, list[tuple[Mutant, str]]] = defaultdict(list)
    made = 0
    for number, (name, file) in enumerate(sorted(files.items()), start=1):
        for mutant in mutants(name, file, given.seed):
            made += 1
            noticed = bench.notices(mutant)
            entry = known.get((name, mutant.change))
            if not noticed and not entry and not given.quick:
                noticed = tests_notice(bench, mutant)
            if not noticed and entry:
                by_kind[entry.kind].append((mutant, entry.reason))
            elif not noticed:
                survivors.append(mutant)
                print(f"SURVIVED {name} {mutant.kind}: {mutant.change}", flush=True)
        spent = time.monotonic() - begun
        print(f"{number}/{len(files)} {name}: {made} mutants, {len(survivors)} survived, "
              f"{spent:.0f} s", flush=True)  # fmt: skip
    for kind, found in by_kind.items():
        print(f"{kind}:")
        for mutant, reason in found:
            print(f"  {mutant.name} {mutant.kind}: {mutant.change}: {reason}")
    counted = made - len(by_kind["equivalent"])
    noticed_ = counted - len(survivors) - len(by_kind["untested"])
    share = noticed_ / counted if counted else 1.0
    print(f"seed {given.seed}: {made} mutants, {len(by_kind['equivalent'])} of them equivalent; "
          f"of the other {counted}, {noticed_} noticed ({share:.1%}), {len(by_kind['untested'])} "
          f"accepted, {len(survivors)} survived")  # fmt: skip
    sys.exit(share < LEAST)


if __name__ == "__main__":
    main()
