"""How many random examples a test tries, and which: others each day, the same all day long.

`CRMKPI_SEED` (make: `SEED=`) repeats those of another day, `CRMKPI_EXAMPLES` multiplies them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TypeVar
from zlib import crc32

import pytest

T = TypeVar("T")
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


def _day() -> int:
    """The number of the day, for turns that leave none out; another seed is a number as well."""
    try:
        return datetime.strptime(str(seed()), "%Y%m%d").toordinal()
    except ValueError:
        return seed()


def in_turn(choices: Sequence[T], usual: int = 1) -> list[T]:
    """As many of the choices as are `usual`, others each day; with more examples all of them."""
    first = _day() * usual
    chosen = {(first + place) % len(choices) for place in range(examples(usual))}
    return [choice for place, choice in enumerate(choices) if place in chosen]


def turn(name: str, choices: Sequence[T], usual: int = 1) -> pytest.MarkDecorator:
    """The mark of tests whose fixture or parameter `name` takes turns by the day; others stay."""
    today = in_turn(choices, usual)
    return pytest.mark.turn(lambda given: name not in given or given[name] in today)


def by_turns(days: int, day: int | None = None) -> pytest.MarkDecorator:
    """The mark of tests each of whose cases runs on one of so many days, and on all at length.

    The cases of a function are shared out evenly; functions begin on different days. With `day`,
    all that is marked runs on that one of the days: what shares something that is dear to make,
    away from what else is dear.
    """
    return pytest.mark.by_turns(days, day)


def is_due(key: str, days: int, place: int = 0, day: int | None = None) -> bool:
    """Whether the case at that place of what is called `key` has its turn today, or that `day`."""
    first = crc32(key.encode()) + place if day is None else day
    return examples(1) > 1 or (first + _day()) % days == 0


def within(days: int, choices: Sequence[T]) -> list[T]:
    """Those whose turn is today; all of them have theirs within so many days.

    Neighbours, which often cost alike, have theirs on different days.
    """
    if examples(1) > 1:
        return list(choices)
    return [choice for place, choice in enumerate(choices) if (place + _day()) % days == 0]
