"""What every connector promises, each as a function over a `Bench` that raises AssertionError.

`superset_crmkpi.testing.ConnectorContract` runs them under pytest, `crmkpi plugin check` prints
them as a table. docs/connectors.md says what each one means for the author.
"""

from __future__ import annotations

from collections.abc import Callable

from superset_crmkpi.kit.contract import (
    engines,
    form,
    history,
    opened,
    records,
    sales,
    survival,
    twice,
    values,
)
from superset_crmkpi.kit.contract.bench import Bench, NotRun

__all__ = ["PROMISES", "Bench", "NotRun", "Promise"]

Promise = Callable[[Bench], None]


def _titled(promise: Promise) -> str:
    return promise.__name__.replace("_", " ")


#: the promise in words -> its function; the first ones explain failures of the later ones
PROMISES: dict[str, Promise] = {
    _titled(promise): promise
    for module in (form, records, opened, values, sales, history, twice, survival, engines)
    for promise in module.PROMISES
}
