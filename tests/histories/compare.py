"""A history in a vendor's tables against the simulator, and the smallest that still differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pytest

from tests.histories.events import Event
from tests.histories.kpis import QUESTIONS, Answers, Question, Value, answers
from tests.histories.product import Product, Rows, Vendor
from tests.histories.simulator import Simulator
from tests.histories.world import Habits, World

MODES = ("live", "built")
#: how often a failing history is tried with less in it
TRIES = 200


@dataclass(frozen=True)
class Difference:
    """An answer that the product and the simulator do not share."""

    mode: str
    question: Question
    cut: str
    key: str
    found: Value
    wanted: Value

    def __str__(self) -> str:
        found, wanted = (None if v is None else float(v) for v in (self.found, self.wanted))
        return (
            f"{self.mode} {self.question.name} by {self.cut}, {self.key}: {found}, wanted {wanted}"
        )


@dataclass
class Bench:
    """A vendor that histories are written for."""

    vendor: Vendor
    habits: Habits
    write: Callable[[World], Rows]

    @cached_property
    def product(self) -> Product:
        return Product(self.vendor)

    def differences(
        self,
        events: Sequence[Event],
        modes: Sequence[str] = MODES,
        questions: Sequence[Question] = QUESTIONS,
    ) -> list[Difference]:
        world = World(events, self.habits)
        wanted = answers(Simulator(world))
        self.product.load(self.write(world), is_built="built" in modes)
        return [
            different
            for mode in modes
            for different in _unlike(mode, questions, self.product.answers(mode, questions), wanted)
        ]

    def smallest(self, events: Sequence[Event], of: Difference) -> tuple[list[Event], Difference]:
        """Events without those that the difference does not need, and what they differ in."""
        kept, last, tries = list(events), of, TRIES
        size = max(1, len(kept) // 2)
        while tries:
            taken = False
            for start in range(0, len(kept), size):
                fewer = kept[:start] + kept[start + size :]
                tries -= 1
                found = fewer and self.differences(fewer, (of.mode,), (of.question,))
                if found:
                    kept, last, taken = fewer, found[0], True
                    break
                if not tries:
                    break
            if not taken and size == 1:
                break
            if not taken:
                size //= 2
        return kept, last


def _unlike(
    mode: str, questions: Sequence[Question], found: Answers, wanted: Answers
) -> list[Difference]:
    unlike = []
    for question in questions:
        for cut in question.cuts:
            ours, theirs = found[question.name, cut], wanted[question.name, cut]
            for key in sorted({*ours, *theirs}):
                one, other = ours.get(key), theirs.get(key)
                if one is None or other is None or float(one) != pytest.approx(
                    float(other), rel=1e-9, abs=1e-9
                ):  # fmt: skip
                    unlike.append(Difference(mode, question, cut, key, one, other))
    return unlike
