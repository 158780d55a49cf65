"""The table: `python -m tests.landings [CONNECTOR ...]`."""

from __future__ import annotations

import sys

from tests.landings.compare import compared, landings


def main(connectors: list[str]) -> int:
    print(f"{'connector':16} {'landing':20} {'facts':>5} {'with rows':>9}  equal")
    failed = 0
    for landing in landings():
        if connectors and landing.connector not in connectors:
            continue
        done = compared(landing)
        failed += bool(done.faults)
        said = f"no: {done.faults[0]}" if done.faults else "yes"
        counts = f"{done.facts:5} {done.with_rows:9}"
        print(f"{landing.connector:16} {landing.name:20} {counts}  {said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
