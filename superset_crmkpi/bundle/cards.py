"""A number as a card: value, period, change, goal, status and question, from one query.

A table, the one standard chart of all supported versions that shows what was computed beside the
number: a row per period, the newest first, with what a window over the periods sees before it. The
CSS of the dashboard (`look.CSS`) draws its first row as a card and hides the others; without it, as
in Explore, it is a plain table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from superset_crmkpi.bundle.look import NOW, SAID, STATUS_COLORS, TIMED
from superset_crmkpi.catalogue.definitions import Metric
from superset_crmkpi.language.numbers import Numbers, literal
from superset_crmkpi.language.text import Text, marked

#: the running number of the period that the day `{t}` lies in, by its length; in canonical SQL
_PERIOD_NO = {
    "month": "extract(year from {t}) * 12 + extract(month from {t})",
    "quarter": "extract(year from {t}) * 4 + extract(quarter from {t})",
    "year": "extract(year from {t})",
}
#: what each status is called, and its sign: not everybody sees colours
STATUS = {
    "act": ("■", marked("Act")),
    "watch": ("▲", marked("Watch")),
    "below target": ("▼", marked("Below target")),
    "on track": ("●", marked("On track")),
}
#: what cards say, with what is filled in
BETTER = marked("{amount}, better (before: {before})")
WORSE = marked("{amount}, worse (before: {before})")
AS_BEFORE = {
    "month": marked("As the month before"),
    "quarter": marked("As the quarter before"),
    "year": marked("As the year before"),
}
ACT_BELOW, ACT_ABOVE = marked("Act below {value}"), marked("Act above {value}")
BENCHMARK = marked("Benchmark {value}")
TO_GO, REACHED = marked("Target {target}: {amount} to go"), marked("Target {target}: reached")
#: stand for the value, and for the newest day of the period, until both are compiled: a card names
#: them many times
VALUE, NEWEST = "crm_card_value", "crm_card_newest"
#: the parts of a card, and what heads them in a plain table
CHANGE, GOAL, QUESTION = marked("Change"), marked("Goal"), marked("Question")


@dataclass(frozen=True)
class Goal:
    """What a KPI is held against, in its unit; None where the profile names none."""

    target: float | None = None
    benchmark: float | None = None


@dataclass(frozen=True)
class Card:
    """A card of `metric`; with `time` of its newest `grain`, else of the present."""

    metric: Metric
    numbers: Numbers
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
        return {self._said(heading): sql for heading, sql in found.items() if sql}

    def _said(self, template: str, **given: str) -> str:
        return self.numbers.language.say(Text(template, **given))

    def _change(self) -> str:
        """The change on the period before; nothing where that has no row or no value."""
        if self.time is None:
            return ""
        unit, write = self.metric.unit, self.numbers
        before = f"lag({VALUE}) over (order by {NEWEST})"
        change = f"({VALUE} - {before})"
        number = _PERIOD_NO[self.grain].format(t=NEWEST)
        follows = f"{number} - lag({number}) over (order by {NEWEST}) = 1"
        more, less = BETTER, WORSE
        if self.metric.good == "down":
            more, less = less, more
        amount = write.text_of(unit, f"abs({change})", difference=True)
        parts = {"amount": amount, "before": write.text_of(unit, before)}
        return (
            f"case when not ({follows}) then '' "
            f"when {write.rounded(unit, change)} > 0 then '▲ ' || {self._joined(more, parts)} "
            f"when {write.rounded(unit, change)} < 0 then '▼ ' || {self._joined(less, parts)} "
            f"when {change} is not null then {literal(self._said(AS_BEFORE[self.grain]))} "
            "else '' end"
        )

    def _joined(self, template: str, parts: Mapping[str, str]) -> str:
        """SQL of a text in whose places stands what the SQL `parts` give."""
        pieces = re.split(r"\{(\w+)\}", self.numbers.language.say(template))
        said = [parts[one] if place % 2 else literal(one) for place, one in enumerate(pieces)]
        return " || ".join(filter(None, said))

    def _goal(self) -> str:
        """Status, the distance to the target or where a status begins, and the benchmark."""
        levels, target, benchmark = self.metric.thresholds, self.goal.target, self.goal.benchmark
        parts = []
        if levels is not None or target is not None:
            parts.append(self._status())
        if target is not None:
            parts.append(self._distance(target))
        elif levels is not None:
            text = ACT_BELOW if self.metric.good == "up" else ACT_ABOVE
            parts.append(literal(self._said(text, value=self._written(levels.act))))
        if benchmark is not None:
            parts.append(literal(self._said(BENCHMARK, value=self._written(benchmark))))
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
            f"when {self._beyond(level)} then {literal(self._marked(name))}"
            for name, level in begins.items()
        )
        return f"case {cases} else {literal(self._marked('on track'))} end"

    def _marked(self, name: str) -> str:
        css = name.replace(" ", "-")
        color = f"color:{STATUS_COLORS[css]};font-weight:600"
        sign, text = STATUS[name]
        said = escape(self._said(text), quote=False)
        return f'<span class="crm-status crm-{css}" style="{color}">{sign} {said}</span>'

    def _distance(self, target: float) -> str:
        away = self.numbers.text_of(self.metric.unit, f"abs({VALUE} - {target!r})", difference=True)
        parts = {"target": literal(self._written(target)), "amount": away}
        return (
            f"case when {self._beyond(target)} then {self._joined(TO_GO, parts)} "
            f"else {literal(self._said(REACHED, target=self._written(target)))} end"
        )

    def _beyond(self, level: float) -> str:
        """Whether the value is worse than `level`."""
        return f"{VALUE} {'<' if self.metric.good == 'up' else '>'} {level!r}"

    def _written(self, value: float) -> str:
        return self.numbers.written(self.metric.unit, value)


def filled(sql: str, value: str, newest: str) -> str:
    """Compiled SQL of a card, with the compiled value and newest day in their places."""
    return sql.replace(VALUE, f"({value})").replace(NEWEST, newest)
