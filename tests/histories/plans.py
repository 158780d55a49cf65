"""What a company has beside its CRM: targets, and dated rates of its currencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

REPORTING = "EUR"
#: one unit of the currency is so many of the reporting one, from the day on
RATES = (
    ("USD", date(2020, 1, 1), Decimal("0.9")),
    ("USD", date(2024, 4, 1), Decimal("0.96")),
    ("USD", date(2025, 1, 1), Decimal("0.8")),
    ("GBP", date(2020, 1, 1), Decimal("1.25")),
    ("GBP", date(2024, 7, 1), Decimal("1.28")),
)


@dataclass(frozen=True)
class Quota:
    """A target of an owner; a quarter's is spread evenly over its months."""

    owner: int
    start: date
    end: date
    amount: Decimal


def _quarter(year: int, quarter: int, owner: int) -> Quota:
    start = date(year, 3 * quarter - 2, 1)
    after = date(year + quarter // 4, (3 * quarter) % 12 + 1, 1)
    return Quota(owner, start, after - timedelta(days=1), Decimal(30_000 * owner + 1000 * quarter))


#: owner 4 has none, and no month after September 2025 has any
QUOTAS = tuple(
    _quarter(year, quarter, owner)
    for year, quarter in ((2024, 2), (2024, 3), (2024, 4), (2025, 1), (2025, 2), (2025, 3))
    for owner in (1, 2, 3)
)
