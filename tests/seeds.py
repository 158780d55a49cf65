"""How many random examples a test tries, and which: others each day, the same all day long.

`CRMKPI_SEED` (make: `SEED=`) repeats those of another day, `CRMKPI_EXAMPLES` multiplies them.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

SEED, EXAMPLES = "CRMKPI_SEED", "CRMKPI_EXAMPLES"


def seed() -> int:
    """The seed of this run. It enters the environment, so that all its processes have one."""
    today = datetime.now(timezone.utc).strftime("%Y%m%d")
    if not os.environ.get(SEED):
        os.environ[SEED] = today
    return int(os.environ[SEED])


def examples(usual: int) -> int:
    """How many examples a test with so many `usual` ones tries in this run."""
    return usual * int(os.environ.get(EXAMPLES) or 1)
