"""`python -m tests.matrix [--engine NAME ...] [--seed N] [--case NAME] [--write]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict

from superset_crmkpi.catalogue.reader import load_catalog
from tests.engines import ENGINES
from tests.matrix.cases import CASES
from tests.matrix.page import PAGE, SEEDS, page
from tests.matrix.run import Outcome, run_case


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.matrix")
    parser.add_argument("--engine", action="append", choices=list(ENGINES))
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--write", action="store_true", help="docs/matrix.md too")
    given = parser.parse_args()
    outcomes: list[Outcome] = []
    engines, seeds = given.engine or list(ENGINES), given.seed or SEEDS
    for engine in engines:
        for case in CASES:
            if given.case and case.name not in given.case:
                continue
            for seed in seeds:
                begun = time.perf_counter()
                found = list(run_case(case, engine, seed))
                outcomes += found
                wrong = [outcome for outcome in found if outcome.fault]
                spent = time.perf_counter() - begun
                print(f"{engine:10} {case.name:10} seed {seed}: {len(found):4} values, "
                      f"{len(wrong):3} wrong, {spent:5.1f} s", flush=True)  # fmt: skip
                for fault in {(o.check.kpi, o.fault) for o in wrong}:
                    print(f"    {fault[0]}: {fault[1]}")
    cells: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        cells[outcome.check.kpi, outcome.engine].append(outcome)
    print()
    print(f"{'':28}", *(f"{engine:>10}" for engine in engines))
    for kpi in load_catalog().kpis:
        marks = []
        for engine in engines:
            found = cells[kpi, engine]
            wrong = sum(bool(outcome.fault) for outcome in found)
            marks.append("-" if not found else "ok" if not wrong else f"{wrong}/{len(found)}")
        print(f"{kpi:28}", *(f"{mark:>10}" for mark in marks))
    if given.write:
        PAGE.write_text(page(), encoding="utf-8")
    sys.exit(any(outcome.fault for outcome in outcomes))


if __name__ == "__main__":
    main()
