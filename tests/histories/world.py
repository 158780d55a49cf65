"""What became of the deals: a history replayed, with what a vendor does by itself on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.histories.events import STAGES, ZONE, Event

#: ends of a deal; open stages have the numbers of `STAGES`
WON, LOST = 98, 99


def day(moment: datetime) -> date:
    """The day of a moment where the reports are read."""
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(ZONE)).date()


@dataclass(frozen=True)
class Habits:
    """What a vendor does by itself, or keeps, by its documentation."""

    #: what closing makes of the expected close date: nothing; `later` of a won deal, the day of
    #: closing (in UTC) where it is later than that; `now`, the moment of closing
    closing_sets: str
    #: the day a deal was closed: the day it happened, or what its close date says
    reports_by_close_date: bool
    #: whether earlier amounts are known
    keeps_amounts: bool
    #: what is left of a deleted stage: its row, flagged, or nothing but its id
    keeps_deleted_stages: bool
    #: whether closed deals too move out of a stage that is deleted
    closed_leave_deleted_stages: bool
    #: whether deleting an open deal takes it out of the pipeline, and restoring brings it back
    deleting_is_known: bool = False
    won_name: str = "Won"
    lost_name: str = "Lost"
    #: how a deleted stage is called where nothing but its id is left
    forgotten_name: str = "(stage {stage})"
    #: how it is called where the history of deals still names it, and tells its chance
    names_in_history: dict[int, str] = field(default_factory=dict)
    #: chance of an open deal by its stage, as a share
    chances: dict[int, Decimal] = field(default_factory=dict)
    #: whether stages have a chance, or only deals
    stages_have_chances: bool = True
    #: forecast category of a stage; the rest is pipeline
    categories: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A field of a deal got a value. `number` counts all events, so it tells ties apart.

    `place` is the stage or the end it came to; one that was closed is `moved` with its stage.
    """

    at: datetime
    number: int
    field: str
    old: Any
    new: Any


@dataclass
class Deal:
    """A deal as it stands, and all that changed on it."""

    seed: int
    number: int
    created: datetime
    owner: int
    account: int | None
    stage: int
    amount: Decimal | None
    currency: str
    close: date
    close_moment: datetime | None = None
    status: str = "open"
    reason: str | None = None
    closed_at: datetime | None = None
    deleted: bool = False
    merged_into: int | None = None
    updated: datetime = field(default_factory=lambda: datetime.min)
    copies: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def gone(self) -> bool:
        return self.deleted or self.merged_into is not None

    @property
    def place(self) -> int:
        """The stage it stands in, be it an end."""
        return {"won": WON, "lost": LOST}.get(self.status, self.stage)

    def of(self, name: str) -> list[Change]:
        return [change for change in self.changes if change.field == name]


class World:
    """Deals and stages after a history."""

    def __init__(self, events: Iterable[Event], habits: Habits) -> None:
        self.habits = habits
        self.deals: dict[tuple[int, int], Deal] = {}
        self.names = dict(STAGES)
        self.deleted: set[int] = set()
        self.seeds: set[int] = set()
        for number, event in enumerate(sorted(events, key=lambda one: one.at)):
            self.seeds.add(event.seed)
            self._happen(number, event)

    @property
    def living(self) -> list[Deal]:
        return [deal for deal in self.deals.values() if not deal.gone]

    def _happen(self, number: int, event: Event) -> None:
        if event.kind == "rename stage":
            stage, name = event.value
            if name not in self.names.values():
                self.names[stage] = name
        elif event.kind == "delete stage":
            self._delete_stage(number, event)
        elif event.kind == "create":
            self._create(number, event)
        else:
            deal = self.deals.get((event.seed, event.deal))
            if deal is not None and deal.merged_into is None:
                if event.kind == "restore":
                    self._restore(deal, number, event)
                elif not deal.deleted:
                    getattr(self, "_" + event.kind)(deal, number, event)
                deal.updated = event.at

    def _create(self, number: int, event: Event) -> None:
        given = dict(event.value)
        if given["stage"] in self.deleted:
            given["stage"] = min(set(STAGES) - self.deleted)
        deal = Deal(event.seed, event.deal, event.at, **given, updated=event.at)
        for name in ("owner", "amount", "currency", "close"):
            deal.changes.append(Change(event.at, number, name, None, given[name]))
        deal.changes.append(Change(event.at, number, "place", None, deal.place))
        self.deals[event.seed, event.deal] = deal

    def _set(self, deal: Deal, number: int, event: Event, name: str, value: Any) -> None:
        old = getattr(deal, name)
        if old != value:
            setattr(deal, name, value)
            deal.changes.append(Change(event.at, number, name, old, value))

    def _placed(self, deal: Deal, number: int, event: Event, status: str, stage: int) -> None:
        old = deal.place
        deal.status, deal.stage = status, stage
        if deal.place != old:
            deal.changes.append(Change(event.at, number, "place", old, deal.place))

    def _move(self, deal: Deal, number: int, event: Event) -> None:
        if deal.status == "open" and event.value not in self.deleted:
            self._placed(deal, number, event, "open", event.value)

    def _win(self, deal: Deal, number: int, event: Event) -> None:
        if deal.status == "open":
            self._end(deal, number, event, "won")

    def _lose(self, deal: Deal, number: int, event: Event) -> None:
        if deal.status == "open":
            deal.reason = event.value
            self._end(deal, number, event, "lost")

    def _end(self, deal: Deal, number: int, event: Event, status: str) -> None:
        deal.closed_at = event.at
        if self.habits.closing_sets == "now":
            self._set(deal, number, event, "close", day(event.at))
            deal.close_moment = event.at
        elif self.habits.closing_sets == "later" and status == "won":
            self._set(deal, number, event, "close", min(deal.close, event.at.date()))
        self._placed(deal, number, event, status, deal.stage)

    def _reopen(self, deal: Deal, number: int, event: Event) -> None:
        if deal.status != "open" and event.value not in self.deleted:
            deal.closed_at = deal.reason = None
            self._placed(deal, number, event, "open", event.value)

    def _delete(self, deal: Deal, number: int, event: Event) -> None:
        deal.deleted = True
        if self.habits.deleting_is_known and deal.status == "open":
            deal.changes.append(Change(event.at, number, "place", deal.stage, LOST))

    def _restore(self, deal: Deal, number: int, event: Event) -> None:
        if deal.deleted and self.habits.deleting_is_known and deal.status == "open":
            deal.changes.append(Change(event.at, number, "place", LOST, deal.stage))
        deal.deleted = False

    def _merge(self, deal: Deal, number: int, event: Event) -> None:
        other = self.deals.get((event.seed, event.value))
        if other is not None and other is not deal and not other.gone:
            deal.merged_into = other.number

    def _owner(self, deal: Deal, number: int, event: Event) -> None:
        self._set(deal, number, event, "owner", event.value)

    def _amount(self, deal: Deal, number: int, event: Event) -> None:
        self._set(deal, number, event, "amount", event.value)

    def _currency(self, deal: Deal, number: int, event: Event) -> None:
        self._set(deal, number, event, "currency", event.value)

    def _close(self, deal: Deal, number: int, event: Event) -> None:
        value = event.value if deal.status == "open" else min(event.value, day(event.at))
        self._set(deal, number, event, "close", value)
        deal.close_moment = None

    def _resync(self, deal: Deal, number: int, event: Event) -> None:
        deal.copies += 1

    def _delete_stage(self, number: int, event: Event) -> None:
        """A stage can go only when nobody is in it, so its deals move on before."""
        gone, into = event.value
        if gone in self.deleted or into in self.deleted:
            return
        self.deleted.add(gone)
        for deal in self.deals.values():
            if deal.stage != gone:
                continue
            if deal.status == "open" and not (deal.deleted and self.habits.deleting_is_known):
                self._placed(deal, number, event, "open", into)
            elif deal.status == "open" or self.habits.closed_leave_deleted_stages:
                deal.stage = into
                deal.changes.append(Change(event.at, number, "moved", gone, into))
