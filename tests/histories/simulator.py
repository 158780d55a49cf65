"""The deals of a world day by day: what is known of each, worked out without SQL.

Nothing here is of the product: amounts are fractions, and each rule is that of the KPI's text.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from tests.histories.events import STAGES, TODAY
from tests.histories.plans import RATES, REPORTING
from tests.histories.world import LOST, WON, Deal, World, day

#: stages in which a proposal has been made, by their names
PROPOSALS = {"proposal", "proposal made", "quote", "quote sent"}
STALLED_DAYS = 14


def month(of: date) -> str:
    return f"{of:%Y-%m}"


def month_end(of: date) -> date:
    return of.replace(day=calendar.monthrange(of.year, of.month)[1])


def months_after(of: date, count: int) -> date:
    number = of.year * 12 + of.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def rate(currency: str, on: date) -> Fraction:
    if currency == REPORTING:
        return Fraction(1)
    return Fraction(
        max((start, r) for name, start, r in RATES if name == currency and start <= on)[1]
    )


@dataclass(frozen=True)
class Step:
    """A deal came to an open stage, or passed it over: the day, and how long it stood there."""

    deal: Deal
    stage: int
    entered: date
    days: Fraction | None
    is_passed: bool


class Simulator:
    """What the reports of `TODAY` have to say of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.habits = world.habits
        self.deals = world.living

    # -- stages

    def is_forgotten(self, stage: int) -> bool:
        """Whether but the id is left of a deleted stage."""
        if stage not in self.world.deleted or self.habits.keeps_deleted_stages:
            return False
        return not (self.habits.names_in_history and stage in self.stood_in)

    @cached_property
    def stood_in(self) -> set[int]:
        """Stages that the history of some deal knows."""
        deals = self.world.deals.values()
        return {move.new for deal in deals for move in deal.of("place")}

    def name(self, seed: int, place: int) -> str:
        if place in (WON, LOST):
            return self.habits.won_name if place == WON else self.habits.lost_name
        if self.is_forgotten(place):
            return self.habits.forgotten_name.format(seed=seed, stage=place)
        if place in self.world.deleted:
            return self.habits.names_in_history.get(place, self.world.names[place])
        return self.world.names[place]

    def order(self, stage: int) -> int:
        """Whoever was in a stage that nobody knows any more did not come further by that."""
        return 0 if self.is_forgotten(stage) else stage

    def chance(self, stage: int) -> Fraction | None:
        if self.is_forgotten(stage) or not self.habits.stages_have_chances:
            return None
        return self.own_chance(stage)

    def own_chance(self, stage: int) -> Fraction:
        return Fraction(self.habits.chances[stage])

    # -- deals

    def closed_on(self, deal: Deal) -> date | None:
        if deal.closed_at is None:
            return None
        if not self.habits.reports_by_close_date:
            return day(deal.closed_at)
        return deal.close

    def pipeline_date(self, deal: Deal) -> date:
        return self.closed_on(deal) or TODAY

    def rate(self, deal: Deal) -> Fraction:
        return rate(deal.currency, self.closed_on(deal) or deal.close)

    def amount(self, deal: Deal) -> Fraction | None:
        return None if deal.amount is None else Fraction(deal.amount) * self.rate(deal)

    def cycle(self, deal: Deal) -> int | None:
        """Days from the first contact, here the creation, to the close."""
        closed = self.closed_on(deal)
        if deal.status != "won" or closed is None or closed < day(deal.created):
            return None
        return (closed - day(deal.created)).days

    @cached_property
    def first_wins(self) -> dict[tuple[int, int], date]:
        found: dict[tuple[int, int], date] = {}
        for deal in self.deals:
            closed = self.closed_on(deal)
            if deal.status == "won" and deal.account is not None and closed is not None:
                key = deal.seed, deal.account
                found[key] = min(found.get(key, closed), closed)
        return found

    def net_new(self, deal: Deal) -> Fraction | None:
        if deal.status != "won":
            return None
        first = deal.account is None or (
            self.first_wins[deal.seed, deal.account] == self.closed_on(deal)
        )
        return self.amount(deal) if first else None

    def is_faulty(self, deal: Deal) -> bool:
        if deal.status == "open":
            return deal.close < TODAY
        if deal.status == "won":
            return not deal.amount
        return deal.reason is None

    # -- the way through the stages

    def stays(self, deal: Deal) -> Iterator[tuple[int, date, Fraction]]:
        """Open stages it stood in: since when, and for how many days."""
        moves = deal.of("place")
        for move, after in zip(moves, [*moves[1:], None], strict=True):
            if move.new in (WON, LOST):
                continue
            if after is None:
                yield move.new, day(move.at), Fraction((TODAY - day(move.at)).days)
            else:
                spent = (after.at - move.at) // timedelta(seconds=1)
                yield move.new, day(move.at), Fraction(spent, 86400)

    @cached_property
    def steps(self) -> list[Step]:
        return [step for deal in self.deals for step in self._steps(deal)]

    def _steps(self, deal: Deal) -> Iterator[Step]:
        stays = list(self.stays(deal))
        came = [(self.order(stage), since) for stage, since, _ in stays]
        closed = self.closed_on(deal)
        if deal.status == "won" and closed is not None:
            came.append((max(STAGES) + 1, closed))
        for stage in STAGES:
            order = self.order(stage)
            reached = [since for place, since in came if place >= order]
            own = [days for other, _, days in stays if other == stage]
            if reached and (own or stage not in self.world.deleted):
                passed = any(place > order for place, _ in came)
                yield Step(
                    deal, stage, min(reached), sum(own, Fraction(0)) if own else None, passed
                )

    @cached_property
    def final_steps(self) -> list[tuple[Deal, date]]:
        return [
            (deal, closed)
            for deal in self.deals
            if deal.status == "won" and (closed := self.closed_on(deal)) is not None
        ]

    @cached_property
    def win_rates(self) -> dict[tuple[int, int], Fraction]:
        """Pipeline and stage -> share of the closed deals that came so far which were won."""
        ends: dict[tuple[int, int], list[bool]] = {}
        for step in self.steps:
            if step.deal.status != "open":
                is_won = step.deal.status == "won"
                ends.setdefault((step.deal.seed, step.stage), []).append(is_won)
        return {place: Fraction(sum(won), len(won)) for place, won in ends.items()}

    def usual_days(self, deal: Deal) -> Fraction | None:
        """Three quarters of the won deals stood so long where the deal is, or shorter."""
        days = sorted(
            step.days
            for step in self.steps
            if (step.deal.seed, step.stage) == (deal.seed, deal.stage)
            and step.deal.status == "won"
            and step.days is not None
        )
        if not days:
            return None
        place = Fraction(3 * (len(days) - 1), 4)
        below, part = int(place), place - int(place)
        return days[below] + part * (days[min(below + 1, len(days) - 1)] - days[below])

    def win_chance(self, deal: Deal) -> Fraction:
        return self.win_rates.get((deal.seed, deal.stage), self.own_chance(deal.stage))

    def is_stalled(self, deal: Deal) -> bool:
        if deal.status != "open":
            return False
        usual = self.usual_days(deal)
        stood = next(s.days for s in self.steps if s.deal is deal and s.stage == deal.stage)
        quiet = (TODAY - day(deal.created)).days
        return quiet > STALLED_DAYS or (usual is not None and stood is not None and stood > usual)

    @cached_property
    def proposal_order(self) -> int | None:
        orders = [
            self.order(stage)
            for stage in self.world.names
            if self.name(0, stage).lower() in PROPOSALS and not self.is_forgotten(stage)
        ]
        return min(orders, default=None)

    def is_past_proposal(self, deal: Deal) -> bool:
        furthest = max(self.order(s.stage) for s in self.steps if s.deal is deal)
        return deal.status == "won" or furthest >= (self.proposal_order or 0)

    # -- the pipeline as it stood

    def place_then(self, deal: Deal, then: date) -> int | None:
        """Where it stood at the end of a day; None before it was there, or after its close."""
        places = [move.new for move in deal.of("place") if day(move.at) <= then]
        closed = self.closed_on(deal)
        if not places or places[-1] in (WON, LOST) or (closed is not None and closed <= then):
            return None
        return int(places[-1])

    def amount_then(self, deal: Deal, then: date) -> Fraction | None:
        """At the rate of the deal, else at that of its currency, as they are now."""
        if then >= TODAY or not self.habits.keeps_amounts:
            return self.amount(deal)
        amount = [change.new for change in deal.of("amount") if day(change.at) <= then][-1]
        if amount is None:
            return None
        if deal.amount:
            return Fraction(amount) * self.rate(deal)
        usual = self.usual_rates.get(deal.currency)
        return None if usual is None else Fraction(amount) * usual

    @cached_property
    def usual_rates(self) -> dict[str, Fraction]:
        """Currency -> the mean rate of its deals, by their amounts."""
        sums: dict[str, list[Fraction]] = {}
        for deal in self.deals:
            if deal.amount:
                there = sums.setdefault(deal.currency, [Fraction(0), Fraction(0)])
                there[0] += self.amount(deal) or 0
                there[1] += Fraction(deal.amount)
        return {currency: base / own for currency, (base, own) in sums.items()}

    def open_months(self) -> Iterator[tuple[date, Deal, int, Fraction | None, Fraction | None]]:
        """Month, deal open at its end, its stage then, amount and weighted amount.

        Weighted by one rule: where nobody came through a stage, by the deals' own probability, but
        not if a past month, whose probabilities no vendor here keeps, has such a deal.
        """
        rows = list(self._open_months())
        unknown = {(deal.seed, stage) for _, deal, stage, _ in rows} - self.win_rates.keys()
        by_stage = any(
            (deal.seed, stage) in unknown and month_end(start) < TODAY
            for start, deal, stage, _ in rows
        )
        for start, deal, stage, amount in rows:
            chance = self.win_rates.get((deal.seed, stage))
            if chance is None:
                chance = self.chance(stage) if by_stage else self.own_chance(stage)
            weighted = None if amount is None or chance is None else amount * chance
            yield start, deal, stage, amount, weighted

    def _open_months(self) -> Iterator[tuple[date, Deal, int, Fraction | None]]:
        for deal in self.deals:
            start = day(deal.created).replace(day=1)
            while start <= TODAY:
                then = min(month_end(start), TODAY)
                stage = deal.stage if then == TODAY and deal.status == "open" else None
                if then < TODAY:
                    stage = self.place_then(deal, then)
                if stage is not None:
                    yield start, deal, stage, self.amount_then(deal, then)
                start = months_after(start, 1)
