"""What the facts of the audience hold row by row, month by month from the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles.audience import on_list
from tests.oracles.labels import labels_of
from tests.oracles.workbench import TODAY


def audience_rows(frames: Mapping[str, pd.DataFrame]) -> Iterator[Rows]:
    yield from labels_of(frames, "touchpoints")
    yield list_months(frames)


def list_months(frames: Mapping[str, pd.DataFrame]) -> Rows:
    """Who was on the list when a month began, who came and who went in it."""
    people = on_list(dict(frames))
    found = []
    first = min(joined for joined, _ in people)
    for month in pd.period_range(first, TODAY, freq="M"):
        start, end = month.start_time.date(), month.end_time.date()
        gone = [max(joined, left) for joined, left in people if left is not None]
        found.append({
            "month_date": start,
            "start_size": sum(
                joined < start and (left is None or max(joined, left) >= start)
                for joined, left in people
            ),
            "joined": sum(start <= joined <= end for joined, _ in people),
            "left_list": sum(start <= day <= end for day in gone),
        })  # fmt: skip
    return Rows("email_list_months", list(found[0]), found)
