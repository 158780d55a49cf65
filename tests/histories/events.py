"""Random histories: what happened to deals and stages, in no vendor's words. All times are UTC."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

#: the day of the reports; everything was loaded on its morning
TODAY = date(2025, 6, 18)
SYNCED = datetime(2025, 6, 18, 6, 0)
#: that of the reports, and of the organisations
ZONE = "America/New_York"
#: events fall between these
FIRST, LAST = datetime(2023, 12, 1), datetime(2025, 6, 17, 22, 0)

#: open stages in their order, as they are called in the beginning
STAGES = {1: "Lead in", 2: "Demo", 3: "Proposal", 4: "Negotiation"}
#: names that a stage may get; some say that a proposal has been made
NAMES = ("Contacted", "Quote sent", "Quote", "Verbal yes", "Demo booked", "Proposal made")
OWNERS = (1, 2, 3, 4)
CURRENCIES = ("EUR", "USD", "GBP")
REASONS = ("Price", "No budget", None)

#: midnights of the zone where the clocks change, or the year, or a month
_EDGES = (
    datetime(2024, 1, 1, 5),
    datetime(2024, 3, 10, 5),
    datetime(2024, 7, 1, 4),
    datetime(2024, 11, 3, 4),
    datetime(2025, 1, 1, 5),
    datetime(2025, 3, 9, 7),
    datetime(2025, 6, 1, 4),
)


@dataclass(frozen=True)
class Event:
    """Something that happened to a deal of a seed, or to a stage of all (then `deal` is 0).

    One that cannot happen where things stand changes nothing, so that a history from which
    events were taken is a history still.
    """

    at: datetime
    seed: int
    deal: int
    kind: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.at} deal {self.seed}/{self.deal}: {self.kind} {self.value or ''}"


#: kinds of events of a deal, and how often each is drawn
KINDS = {
    "move": 30,
    "win": 8,
    "lose": 8,
    "reopen": 8,
    "delete": 2,
    "restore": 4,
    "merge": 2,
    "owner": 5,
    "amount": 9,
    "currency": 3,
    "close": 9,
    "resync": 3,
}


def history(seed: int) -> list[Event]:
    """The events of a seed in the order in which they happened."""
    chance = random.Random(seed)
    count = chance.randint(2, 5)
    events: list[Event] = []
    for deal in range(1, count + 1):
        at = _moment(chance, FIRST, 540)
        created = {
            "owner": chance.choice(OWNERS),
            "account": chance.choice((None, 1, 2)),
            "stage": chance.choice((1, 1, 1, 1, 2, 3)),
            "amount": _amount(chance),
            "currency": chance.choice(CURRENCIES),
            "close": at.date() + timedelta(days=chance.randint(0, 150)),
        }
        events.append(Event(at, seed, deal, "create", created))
        for _ in range(chance.randint(0, 11)):
            at = _next(chance, at)
            if at > LAST:
                break
            kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
            events.append(Event(at, seed, deal, kind, _value(chance, kind, at, count)))
    if chance.random() < 0.15:
        value = (chance.choice(list(STAGES)), chance.choice(NAMES))
        events.append(Event(_moment(chance, FIRST, 560), seed, 0, "rename stage", value))
    if chance.random() < 0.04:
        gone, into = chance.sample(sorted(STAGES), 2)
        events.append(Event(_moment(chance, FIRST, 560), seed, 0, "delete stage", (gone, into)))
    return sorted(events, key=lambda event: event.at)


def _moment(chance: random.Random, start: datetime, days: int) -> datetime:
    return start + timedelta(seconds=chance.randrange(days * 86400))


def _next(chance: random.Random, at: datetime) -> datetime:
    """A later moment, at times the same one, or one beside a midnight that matters."""
    kind = chance.random()
    if kind < 0.12:
        return at
    if kind < 0.25:
        return at + timedelta(seconds=chance.randrange(1, 7200))
    edges = [edge for edge in _EDGES if at < edge < at + timedelta(days=120)]
    if kind < 0.35 and edges:
        return max(at, edges[0] + timedelta(seconds=chance.choice((-1, 0, 1))))
    return at + timedelta(seconds=chance.randrange(1, 50 * 86400))


def _amount(chance: random.Random) -> Decimal | None:
    if chance.random() < 0.1:
        return chance.choice((None, Decimal(0)))
    return Decimal(chance.randrange(100, 9_000_000)) / 100


def _value(chance: random.Random, kind: str, at: datetime, count: int) -> Any:
    if kind in ("move", "reopen"):
        return chance.choice(list(STAGES))
    if kind == "lose":
        return chance.choice(REASONS)
    if kind == "merge":
        return chance.randint(1, count)
    if kind == "owner":
        return chance.choice(OWNERS)
    if kind == "amount":
        return _amount(chance)
    if kind == "currency":
        return chance.choice(CURRENCIES)
    if kind == "close":
        return at.date() + timedelta(days=chance.randint(-20, 120))
    return None
