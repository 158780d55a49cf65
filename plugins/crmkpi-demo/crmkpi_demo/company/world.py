"""What all areas of the demo company share: the window, seasons, random streams and ids."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import ArrayLike

from crmkpi_demo.company.clock import Array, BusinessClock, day_number, utc, weekday

WINDOW_MONTHS = 30
HISTORY_MONTHS = 24  # customers that were there when the window opened began in these months

SEASON = np.array([1.0, 1.0, 1.08, 1.0, 1.0, 1.02, 0.84, 0.7, 1.1, 1.1, 1.08, 0.76])
WEEKDAY = np.array([1.05, 1.1, 1.1, 1.05, 0.85, 0.06, 0.05])

REGIONS = ("DACH", "UK & Ireland", "Benelux & France", "Southern Europe", "North America")
REGION_SHARE = np.array([0.34, 0.2, 0.16, 0.1, 0.2])
SEGMENTS = ("SMB", "Mid-Market", "Enterprise")
PRICE_LIST_RATE = {"EUR": 1.0, "USD": 1.1, "GBP": 0.86, "CHF": 0.95}
SOURCES = (
    "Website",
    "Referral",
    "Webinar",
    "Event",
    "Paid Search",
    "Paid Social",
    "Outbound",
    "Partner",
    "Unknown",
)

_BASE62 = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype="uint8"
)
_CHECK = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype="uint8")


class World:
    """One company at one day. Day numbers are integers since 1970-01-01."""

    def __init__(self, scale: float, seed: int, today: date) -> None:
        self.scale = scale
        self.seed = seed
        self.today = day_number(today)
        self.now = np.datetime64(today, "ns") + np.timedelta64(6, "h")
        months = pd.date_range(
            pd.Timestamp(today).replace(day=1) - pd.DateOffset(months=WINDOW_MONTHS),
            periods=WINDOW_MONTHS + 25,
            freq="MS",
        )
        history = pd.date_range(end=months[0], periods=HISTORY_MONTHS + 1, freq="MS")[:-1]
        every = history.append(months).to_numpy().astype("datetime64[D]").astype("int64")
        self.month_starts: Array = every
        self.window_month = HISTORY_MONTHS
        self.this_month = HISTORY_MONTHS + WINDOW_MONTHS
        self.start = int(every[self.window_month])
        self.clock = BusinessClock(int(every[0]) - 800, self.today + 800)
        self.now_minutes = float(self.clock.minutes([self.now])[0])

    def rng(self, area: str) -> Generator:
        """A random stream of its own per area: a change in one leaves the others as they were."""
        return np.random.default_rng([self.seed, zlib.crc32(area.encode())])

    def count(self, at_scale_one: float, least: int = 1) -> int:
        return max(least, round(at_scale_one * self.scale))

    def sample_days(
        self,
        rng: Generator,
        n: int,
        first: int,
        last: int,
        *,
        growth: float = 0.35,
        quarter_end: float = 0.0,
        weekends: bool = True,
    ) -> Array:
        """Days in [first, last] by season and weekday, more of them towards the end.

        `growth` is the increase over the window; `quarter_end` the extra weight of a quarter's
        last two weeks."""
        days = np.arange(first, last + 1)
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
        weights = (
            SEASON[months % 12] * (WEEKDAY * (1 if weekends else (WEEKDAY > 0.5)))[weekday(days)]
        )
        weights = weights * (1 + growth * (days - self.start) / (self.today - self.start)).clip(0.3)
        if quarter_end:
            next_month = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
            left = next_month.astype("int64") - days
            weights = weights * (1 + quarter_end * ((months % 3 == 2) & (left <= 14)))
        return rng.choice(days, size=n, p=weights / weights.sum())

    def office_moments(self, rng: Generator, days: ArrayLike, off_hours: float = 0.06) -> Array:
        """A moment of each local day, mostly in office hours; never after now."""
        numbers = np.asarray(days, dtype="int64")
        minutes = np.clip(rng.normal(12.7 * 60, 150, len(numbers)), 8 * 60, 18.5 * 60)
        anytime = rng.random(len(numbers)) < off_hours
        minutes = np.where(anytime, rng.uniform(0, 1439, len(numbers)), minutes)
        # Draws after now are moved into the hours that have passed, keeping them distinct.
        passed = self.now - rng.integers(60, 5 * 3600, len(numbers)).astype("timedelta64[s]")
        moments = utc(numbers, minutes)
        return np.where(moments > self.now, passed, moments)

    def past(self, moments: Array, margin_minutes: int = 5) -> Array:
        """Moments, none of them after now."""
        return np.minimum(moments, self.now - np.timedelta64(margin_minutes, "m"))


def salesforce_ids(prefix: str, n: int, first: int = 1) -> Array:
    """`n` distinct 18-character Salesforce ids; the last three characters check the case."""
    numbers = (np.arange(first, first + n, dtype="int64") * 15485863) % 62**7
    chars = np.empty((n, 18), dtype="uint8")
    chars[:, :8] = np.frombuffer(f"{prefix}Qv000".encode(), dtype="uint8")
    for position in range(14, 7, -1):
        numbers, digit = np.divmod(numbers, 62)
        chars[:, position] = _BASE62[digit]
    upper = (chars[:, :15] >= 65) & (chars[:, :15] <= 90)
    bits = (upper.reshape(n, 3, 5) * (1 << np.arange(5))).sum(axis=2)
    chars[:, 15:] = _CHECK[bits]
    return chars.reshape(-1).view("S18").astype("U18").astype(object)


def pick(rng: Generator, values: Iterable[Any], n: int, p: ArrayLike | None = None) -> Array:
    """`n` draws out of a list of values, as objects. `p` need not sum to one."""
    items: Array = np.array([*values], dtype=object)
    weights = None if p is None else np.asarray(p, dtype="float64")
    return items[rng.choice(len(items), n, p=None if weights is None else weights / weights.sum())]


def blank(rng: Generator, values: Array, share: float | Array) -> Array:
    """The values with a share of them missing (None)."""
    result = np.asarray(values, dtype=object).copy()
    result[rng.random(len(result)) < share] = None
    return result


def only(condition: ArrayLike, values: ArrayLike) -> Array:
    """The values where the condition holds, and None elsewhere."""
    result = np.asarray(values, dtype=object).copy()
    result[~np.asarray(condition, dtype=bool)] = None
    return result


def moments_or_nat(known: ArrayLike, moments: ArrayLike) -> Array:
    """The moments where they are known, and NaT elsewhere."""
    result = np.asarray(moments, dtype="datetime64[ns]").copy()
    result[~np.asarray(known, dtype=bool)] = np.datetime64("NaT")
    return result


def ragged(counts: Array) -> tuple[Array, Array]:
    """For counts per parent: the parent index of each child, and its number within the parent."""
    parent = np.repeat(np.arange(len(counts)), counts)
    start = np.cumsum(counts) - counts
    return parent, np.arange(len(parent)) - start[parent]


def group_choice(rng: Generator, keys: Array, wanted: Array) -> Array:
    """For each wanted key the row number of a random row with that key; -1 where none has it.

    `keys` are small integers."""
    order = np.argsort(keys, kind="stable")
    size = int(max(keys.max(initial=0), wanted.max(initial=0))) + 1
    counts = np.bincount(keys, minlength=size)
    starts = np.cumsum(counts) - counts
    offset = (rng.random(len(wanted)) * counts[wanted]).astype("int64")
    found = counts[wanted] > 0
    position = np.where(found, starts[wanted] + offset, 0)
    return np.where(found, order[position] if len(order) else -1, -1)


def fivetran(world: World, frame: pd.DataFrame, *, active: bool, deleted: bool) -> pd.DataFrame:
    """Adds the columns a Fivetran sync adds; a deleted record is inactive and deleted there."""
    gone = frame["is_deleted"] if "is_deleted" in frame else pd.Series(False, index=frame.index)
    if active:
        frame["_fivetran_active"] = ~gone.astype(bool)
    if deleted:
        frame["_fivetran_deleted"] = gone.astype(bool)
    frame["_fivetran_synced"] = world.now - np.timedelta64(20, "m")
    return frame
