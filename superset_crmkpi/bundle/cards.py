"""A number as a card: value, period, change, goal, status and question, from one query.

A table, the one standard chart of all supported versions that shows what was computed beside the
number: a row per period, the newest first, with what a window over the periods sees before it. The
CSS of the dashboard (`look.CSS`) draws its first row as a card and hides the others; without it, as
in Explore, it is a plain table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from superset_crmkpi.bundle.formats import rounded, text_of, written
from superset_crmkpi.bundle.look import NOW, SAID, STATUS_COLORS, TIMED
from superset_crmkpi.catalogue.definitions import Metric

#: the running number of the period that the day `{t}` lies in, by its length; in canonical SQL
_PERIOD_NO = {
    "month": "extract(year from {t}) * 12 + extract(month from {t})",
    "quarter": "extract(year from {t}) * 4 + extract(quarter from {t})",
    "year": "extract(year from {t})",
}
#: what each status is called, and its sign: not everybody sees colours
STATUS = {
    "act": "■ Act",
    "watch": "▲ Watch",
    "below target": "▼ Below target",
    "on track": "● On track",
}
#: stand for the value, and for the newest day of the period, until both are compiled: a card names
#: them many times
VALUE, NEWEST = "crm_card_value", "crm_card_newest"
#: the parts of a card, and what heads them in a plain table
CHANGE, GOAL, QUESTION = "Change", "Goal", "Question"


@dataclass(frozen=True)
class Goal:
    """What a KPI is held against, in its unit; None where the profile names none."""

    target: float | None = None
    benchmark: float | None = None


@dataclass(frozen=True)
class Card:
    """A card of `metric`; with `time` of its newest `grain`, else of the present.

    `currency` is a symbol.
    """

    metric: Metric
    currency: str
    goal: Goal = field(default_factory=Goal)
    time: str | None = None
    grain: str = "month"

    def columns(self) -> dict[str, str]:
        """What stands beside the value: heading -> canonical SQL over VALUE and NEWEST."""
        mark = NOW if self.time is None else TIMED
        if self.metric.unit == "text":
            mark = SAID
        question = f'<span class="{mark}">{escape(self.metric.question)}</span>'
        found = {CHANGE: self._change(), GOAL: self._goal(), QUESTION: literal(question)}
        return {heading: sql for heading, sql in found.items() if sql}

    def _change(self) -> str:
        """The change on the period before; nothing where that has no row or no value."""
        if self.time is None:
            return ""
        unit = self.metric.unit
        before = f"lag({VALUE}) over (order by {NEWEST})"
        change = f"({VALUE} - {before})"
        number = _PERIOD_NO[self.grain].format(t=NEWEST)
        follows = f"{number} - lag({number}) over (order by {NEWEST}) = 1"
        better, worse = ("better", "worse") if self.metric.good == "up" else ("worse", "better")
        amount = text_of(unit, f"abs({change})", self.currency, difference=True)
        was = text_of(unit, before, self.currency)
        told = f"{amount} || {{}} || {was} || ')'"
        more, less = (told.format(literal(f", {how} (before: ")) for how in (better, worse))
        return (
            f"case when not ({follows}) then '' "
            f"when {rounded(unit, change)} > 0 then '▲ ' || {more} "
            f"when {rounded(unit, change)} < 0 then '▼ ' || {less} "
            f"when {change} is not null then {literal(f'As the {self.grain} before')} else '' end"
        )

    def _goal(self) -> str:
        """Status, the distance to the target or where a status begins, and the benchmark."""
        levels, target, benchmark = self.metric.thresholds, self.goal.target, self.goal.benchmark
        parts = []
        if levels is not None or target is not None:
            parts.append(self._status())
        if target is not None:
            parts.append(self._distance(target))
        elif levels is not None:
            side = "below" if self.metric.good == "up" else "above"
            parts.append(literal(f"Act {side} {self._written(levels.act)}"))
        if benchmark is not None:
            parts.append(literal(f"Benchmark {self._written(benchmark)}"))
        if not parts:
            return ""
        told = " || ' · ' || ".join(parts)
        return f"case when {VALUE} is not null then {told} else '' end"

    def _status(self) -> str:
        levels, target = self.metric.thresholds, self.goal.target
        begins = {"act": levels.act, "watch": levels.warn} if levels is not None else {}
        if target is not None:
            begins["below target"] = target
        cases = " ".join(
            f"when {self._beyond(level)} then {literal(_marked(name))}"
            for name, level in begins.items()
        )
        return f"case {cases} else {literal(_marked('on track'))} end"

    def _distance(self, target: float) -> str:
        unit, away = self.metric.unit, f"abs({VALUE} - {target!r})"
        amount = text_of(unit, away, self.currency, difference=True)
        return (
            f"{literal(f'Target {self._written(target)}: ')} || "
            f"case when {self._beyond(target)} then {amount} || ' to go' else 'reached' end"
        )

    def _beyond(self, level: float) -> str:
        """Whether the value is worse than `level`."""
        return f"{VALUE} {'<' if self.metric.good == 'up' else '>'} {level!r}"

    def _written(self, value: float) -> str:
        return written(self.metric.unit, value, self.currency)


def filled(sql: str, value: str, newest: str) -> str:
    """Compiled SQL of a card, with the compiled value and newest day in their places."""
    return sql.replace(VALUE, f"({value})").replace(NEWEST, newest)


def _marked(name: str) -> str:
    css = name.replace(" ", "-")
    color = f"color:{STATUS_COLORS[css]};font-weight:600"
    return f'<span class="crm-status crm-{css}" style="{color}">{STATUS[name]}</span>'


def literal(text: str) -> str:
    """A text of canonical SQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
