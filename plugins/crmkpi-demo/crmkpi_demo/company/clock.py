"""Days, office hours and business minutes of the demo company, in Europe/Berlin.

Days are integers since 1970-01-01; moments are naive UTC `datetime64[ns]`; business minutes
count the open minutes since the first day of the clock.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

ZONE = "Europe/Berlin"
OPEN_MINUTE = 9 * 60
CLOSE_MINUTE = (1050, 1050, 1050, 1050, 960, OPEN_MINUTE, OPEN_MINUTE)  # Monday first

Array = NDArray[Any]


def _easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(years: range) -> list[date]:
    """The nationwide German public holidays, in order."""
    days: list[date] = []
    for year in years:
        easter = _easter(year)
        days += [date(year, 1, 1), date(year, 5, 1), date(year, 10, 3)]
        days += [date(year, 12, 25), date(year, 12, 26)]
        days += [easter + timedelta(offset) for offset in (-2, 1, 39, 50)]
    return sorted(days)


def day_number(value: date) -> int:
    return (value - date(1970, 1, 1)).days


def weekday(days: ArrayLike) -> Array:
    """0 is Monday."""
    return (np.asarray(days, dtype="int64") + 3) % 7


def dates(days: ArrayLike) -> Array:
    """Midnight `datetime64[ns]` of day numbers; NaN and negative become NaT."""
    numbers = np.asarray(days, dtype="float64")
    known = np.isfinite(numbers) & (numbers >= 0)
    stamps = np.where(known, numbers, 0).astype("int64").astype("datetime64[D]")
    return np.where(known, stamps.astype("datetime64[ns]"), np.datetime64("NaT", "ns"))


def utc(days: ArrayLike, minutes: ArrayLike) -> Array:
    """The UTC moment of a local day and minute of that day (fractions are seconds)."""
    seconds = np.asarray(days, dtype="float64") * 86400
    seconds = np.floor(seconds + np.asarray(minutes, dtype="float64") * 60).astype("int64")
    local = pd.DatetimeIndex(seconds.astype("datetime64[s]").astype("datetime64[ns]"))
    zoned = local.tz_localize(
        ZONE, ambiguous=np.ones(len(local), dtype=bool), nonexistent="shift_forward"
    )
    return np.asarray(zoned.tz_convert("UTC").tz_localize(None).to_numpy())


def local(moments: ArrayLike) -> tuple[Array, Array]:
    """Local day number and minute of the day of UTC moments (none may be NaT)."""
    zoned = pd.DatetimeIndex(np.asarray(moments)).tz_localize("UTC").tz_convert(ZONE)
    seconds = zoned.tz_localize(None).to_numpy().astype("datetime64[s]").astype("int64")
    return seconds // 86400, (seconds % 86400) / 60


class BusinessClock:
    """Converts moments to business minutes and back, for one schedule with holidays."""

    def __init__(self, first: int, last: int) -> None:
        days = np.arange(first, last + 1)
        years = range(1970 + first // 366, 1971 + last // 365)
        closed = np.isin(days, [day_number(day) for day in holidays(years)])
        self.first = first
        self.length = np.where(closed, 0, np.array(CLOSE_MINUTE)[weekday(days)] - OPEN_MINUTE)
        self.before = np.concatenate([[0], np.cumsum(self.length)])

    def minutes(self, moments: ArrayLike) -> Array:
        """Business minutes up to each UTC moment."""
        day, minute = local(moments)
        index = day - self.first
        return self.before[index] + np.clip(minute - OPEN_MINUTE, 0, self.length[index])

    def of_day(self, days: ArrayLike) -> Array:
        """Business minutes before local days (which may be fractions of days)."""
        numbers = np.asarray(days, dtype="float64") - self.first
        index = np.floor(numbers).astype("int64")
        return self.before[index] + (numbers - index) * self.length[index]

    def moments(self, minutes: ArrayLike) -> Array:
        """The UTC moment at which so many business minutes had passed."""
        wanted = np.asarray(minutes, dtype="float64")
        # A boundary belongs to the evening before, so that nothing jumps over a weekend.
        index = np.searchsorted(self.before, wanted, side="left") - 1
        index = np.clip(index, 0, len(self.length) - 1)
        return utc(index + self.first, OPEN_MINUTE + wanted - self.before[index])
