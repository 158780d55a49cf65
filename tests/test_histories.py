"""Random histories, as four vendors keep them, give the KPIs that a simulator of events computes."""

from __future__ import annotations

import pytest

from tests.histories import hubspot, odoo, pipedrive, salesforce
from tests.histories.compare import Bench
from tests.histories.events import history
from tests.histories.switches import kept
from tests.seeds import examples, seed

BENCHES = {
    "salesforce": Bench(salesforce.VENDOR, salesforce.HABITS, salesforce.rows),
    "hubspot": Bench(hubspot.VENDOR, hubspot.HABITS, hubspot.rows),
    "pipedrive": Bench(pipedrive.VENDOR, pipedrive.HABITS, pipedrive.rows),
    "odoo": Bench(odoo.VENDOR, odoo.HABITS, odoo.rows),
}
#: histories that lie in one warehouse, each a pipeline of its own
TOGETHER = 10
WORLDS = examples(1)


def seeds(world: int) -> list[int]:
    return [seed() % 100_000_000 * 1000 + world * TOGETHER + one for one in range(TOGETHER)]


@pytest.mark.parametrize("world", range(WORLDS))
@pytest.mark.parametrize("vendor", BENCHES)
def test_a_random_history_gives_the_kpis_of_the_simulator(vendor: str, world: int) -> None:
    bench = BENCHES[vendor]
    events = kept(vendor, (event for number in seeds(world) for event in history(number)))
    if different := bench.differences(events):
        smallest, last = bench.smallest(events, different[0])
        lines = [*map(str, different[:20]), "", "the smallest history that differs:"]
        pytest.fail("\n".join([*lines, *map(str, smallest), str(last)]), pytrace=False)
