"""A company that exists nowhere: what happened there, in no vendor's words. All times are UTC."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import pandas as pd

#: the day of the reports; everything was synchronised on its morning
TODAY = date(2025, 6, 18)
SYNCED = datetime(2025, 6, 18, 5, 0)
_START = datetime(2023, 6, 12)
_NOW = datetime(2025, 6, 17, 21, 0)

#: open stages in their order with the chance of winning; won and lost follow
STAGES = {1: ("Qualified", 0.1), 2: ("Demo", 0.3), 3: ("Proposal", 0.6), 4: ("Negotiation", 0.8)}
WON, LOST = 5, 6
ENDS = {WON: "Won", LOST: "Lost"}
REASONS = ("Price", "No budget", "Went with another vendor")
COUNTRIES = ("DE", "FR", "AT", "US")
INDUSTRIES = ("Machinery", "Software", "Retail")

_FIRST = ("Ana", "Björn", "Chloé", "Dmitri", "Ewa", "Farid", "Grace", "Hugo", "Ilse", "José")
_LAST = ("Kovač", "Łuk", "Müller", "O'Neil", "Park", "Quist", "Rossi", "Şahin", "Tanaka", "Ulm")

Row = dict[str, Any]


@dataclass(frozen=True)
class Company:
    """Frames of objects: None where there is nothing, ids are integers from 1 on.

    `changes` has the stage that each deal came to and when, the first at its creation. `stage` of
    a deal is the last open one. An activity is a call or a meeting; `at` is when it took place,
    or shall.
    """

    users: pd.DataFrame
    accounts: pd.DataFrame
    contacts: pd.DataFrame
    deals: pd.DataFrame
    changes: pd.DataFrame
    activities: pd.DataFrame

    def customers(self) -> set[int]:
        """Accounts that bought: those of a won deal."""
        bought = self.deals[(self.deals["status"] == "won") & ~self.deals["deleted"].astype(bool)]
        return set(bought["account"].dropna())

    def last_done(self, of: str) -> dict[int, datetime]:
        """When the last activity of each `deal` or `account` took place."""
        done = self.activities[self.activities["done"] & self.activities[of].notna()]
        return {int(key): max(times) for key, times in done.groupby(of)["at"]}

    def next_planned(self) -> dict[int, datetime]:
        """When the next activity of each deal is due, from now on."""
        acts = self.activities
        coming = acts[~acts["done"].astype(bool) & (acts["at"] >= SYNCED) & acts["deal"].notna()]
        return {int(key): min(times) for key, times in coming.groupby("deal")["at"]}


@cache
def company() -> Company:
    """The company; always the same."""
    chance = random.Random(20250618)
    users = [
        {"id": n, "first": _FIRST[n], "last": _LAST[n], "email": f"user{n}@seller.example"}
        for n in range(1, 6)
    ]
    accounts = [_account(n, chance) for n in range(1, 41)]
    contacts = [_contact(n, accounts, chance) for n in range(1, 61)]
    deals: list[Row] = []
    changes: list[Row] = []
    for number in range(1, 151):
        deal, its_changes = _deal(number, contacts, chance)
        deals.append(deal)
        changes += its_changes
    activities = [_activity(n, deals, contacts, chance) for n in range(1, 201)]
    return Company(*map(_frame, (users, accounts, contacts, deals, changes, activities)))


def _frame(rows: list[Row]) -> pd.DataFrame:
    """Values as they are: neither NaN for None nor 1.0 for 1."""
    names = list(rows[0])
    return pd.DataFrame(
        [[row[name] for name in names] for row in rows], columns=names, dtype=object
    )


def _moment(chance: random.Random, start: datetime, days: float) -> datetime:
    return start + timedelta(seconds=chance.randrange(60, int(days * 86400)))


def _account(number: int, chance: random.Random) -> Row:
    created = _moment(chance, _START - timedelta(days=100), 99)
    return {
        "id": number,
        "name": f"Account {number:02} {chance.choice(('GmbH', 'S.A.', 'Ünïted', 'Ltd'))}",
        "owner": chance.randint(1, 5),
        "country": chance.choice(COUNTRIES),
        "industry": chance.choice(INDUSTRIES),
        "city": chance.choice(("Köln", "Lyon", "Wien", "Boston")),
        "website": f"https://www.account{number}.example/",
        "created_at": created,
        "deleted": number > 38,
    }


def _contact(number: int, accounts: list[Row], chance: random.Random) -> Row:
    # the last ones are of no account; two were deleted
    account = chance.choice(accounts[:36]) if number <= 55 else None
    return {
        "id": number,
        "first": chance.choice(_FIRST),
        "last": f"{chance.choice(_LAST)} {number}",
        # one address is none, one is of two persons
        "email": "nobody"
        if number == 7
        else f"person{8 if number == 9 else number}@account.example",
        "phone": f"+49 30 {1000 + number}",
        "account": account["id"] if account else None,
        "country": chance.choice(COUNTRIES),
        "owner": chance.randint(1, 5),
        "created_at": _moment(chance, _START - timedelta(days=1), 300),
        "deleted": number in (54, 60),
    }


def _deal(number: int, contacts: list[Row], chance: random.Random) -> tuple[Row, list[Row]]:
    created = _moment(chance, _START, 700)
    contact = chance.choice(contacts[:53])
    if number in (31, 32):  # closed at a year's end, just before midnight
        year = 2023 if number == 31 else 2024
        ends = datetime(year, 12, 31, 23, 59, 30 + number - 31)
        created = ends - timedelta(days=90, seconds=4321)
    else:
        ends = created + timedelta(seconds=chance.randrange(3600, 150 * 86400))
    kind = chance.random()
    end = None if ends > _NOW or kind > 0.88 else WON if kind < 0.4 else LOST
    if number in (31, 32, 33, 34):
        end = WON if number in (31, 33) else LOST
    if number in (33, 34):  # created, moved and closed within a day
        ends = created.replace(hour=22, minute=3, second=4)
        created = ends.replace(hour=6)
    until = ends if end else min(ends, _NOW)
    path = _path(chance, until - created < timedelta(days=1))
    moments = [created, *sorted(_within(chance, created, until, len(path) - 1))]
    steps = list(zip(path, moments, strict=True))
    if end:
        steps.append((end, ends))
    alone = number % 13 == 0
    deal = {
        "id": number,
        "name": f"Deal {number:03}",
        "account": None if alone else contact["account"],
        "contact": None if alone or number % 4 == 0 else contact["id"],
        "owner": chance.randint(1, 5),
        "amount": None if number % 17 == 0 else round(chance.lognormvariate(9.3, 1.1), 2),
        "created_at": created,
        "expected_close": (ends + timedelta(days=chance.randint(-20, 60))).date(),
        "status": {WON: "won", LOST: "lost", None: "open"}[end],
        "closed_at": ends if end else None,
        "loss_reason": chance.choice((*REASONS, None)) if end == LOST else None,
        "stage": path[-1],
        "deleted": number % 19 == 0,
    }
    return deal, [{"deal": number, "stage": stage, "at": at} for stage, at in steps]


def _path(chance: random.Random, short: bool) -> list[int]:
    """The open stages a deal was in, one after the other: some skipped, some entered twice."""
    path = [2 if chance.random() < 0.1 else 1]
    for _ in range(2 if short else chance.randint(0, 4)):
        ways = [stage for stage in STAGES if stage != path[-1]]
        ahead = min(path[-1] + (2 if chance.random() < 0.15 else 1), 4)
        step = chance.choice(ways) if chance.random() < 0.12 else ahead
        if step != path[-1]:
            path.append(step)
    if path == [2]:
        path.append(3)
    return path


def _within(chance: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    seconds = int((end - start).total_seconds())
    return [start + timedelta(seconds=s) for s in chance.sample(range(60, seconds - 60), count)]


def _activity(number: int, deals: list[Row], contacts: list[Row], chance: random.Random) -> Row:
    is_call = number % 5 < 3
    deal = None
    if number % 8:
        known = [one for one in deals if not one["deleted"]]
        deal = chance.choice(known)
    contact = chance.choice([c for c in contacts if c["account"] and not c["deleted"]])
    done = number % 6 > 0
    if done:
        start = deal["created_at"] - timedelta(days=10) if deal else _START
        at = _moment(chance, start, min(120, max(1, (_NOW - start).days)))
        at = min(at, _NOW - timedelta(hours=3))
    elif is_call and number % 4:  # planned and overdue
        at = _moment(chance, SYNCED - timedelta(days=60), 58)
    else:
        at = _moment(chance, SYNCED + timedelta(days=1), 40)
    if not is_call:
        at = at.replace(minute=at.minute // 15 * 15, second=0)
    booked = min(at, _NOW) - timedelta(seconds=chance.randrange(600, 20 * 86400))
    minutes = chance.choice((30, 60, 90))
    if number == 4:  # a meeting over midnight
        at = datetime.combine(at.date(), time(23, 30))
    return {
        "id": number,
        "kind": "call" if is_call else "meeting",
        "subject": f"{'Call' if is_call else 'Meeting'} {number}",
        "owner": chance.randint(1, 5),
        "deal": deal["id"] if deal else None,
        "account": deal["account"] if deal else contact["account"],
        "contact": deal["contact"] if deal else contact["id"],
        "created_at": booked,
        "at": at,
        "minutes": minutes,
        "ends_at": at + timedelta(minutes=minutes),
        "done": done,
    }
