"""How long what takes: for loggers of this package, `superset_crmkpi.<room>.<module>`.

Secrets are never logged: what a URI's `${VARIABLE}` stands for is taken out of every line
(`without_secrets`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

NAME = "superset_crmkpi"


@contextmanager
def timed(logger: logging.Logger, what: str, level: int = logging.INFO) -> Iterator[list[str]]:
    """Log `what` with its seconds once it is done; the body may append what came of it."""
    outcome: list[str] = []
    begun = time.monotonic()
    yield outcome
    if logger.isEnabledFor(level):
        said = "".join(f", {text}" for text in outcome)
        logger.log(level, "%s: %.2f s%s", what, time.monotonic() - begun, said)
