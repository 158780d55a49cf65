"""What the compiler must know of a profile: calendar, settings, dialect. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class CalendarSettings:
    """`week_start` is ISO (1 = Monday); `fiscal_year_start` a month; `today` pins the date."""

    time_zone: str = "UTC"
    week_start: int = 1
    fiscal_year_start: int = 1
    today: date | None = None


@dataclass(frozen=True)
class CompileSettings:
    """`values` are the profile's settings by name; `currency` the reporting currency.

    `personal_data`: whether datasets show what tells who customers are, and what they wrote.
    """

    dialect: str = "duckdb"
    calendar: CalendarSettings = CalendarSettings()
    values: Mapping[str, Any] = field(default_factory=dict)
    currency: str = "EUR"
    personal_data: bool = False
