"""Facts and KPIs: what their files under `sql/facts` and `sql/kpis` must hold.

A fact is a SELECT over canonical entities with a grain; a KPI is one aggregate over one fact, so
that Superset may slice it by any dimension of the fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field, field_validator
from sqlglot import exp

from superset_crmkpi.base.documents import Strict
from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.catalogue.labels import Labels
from superset_crmkpi.language.language import ENGLISH, Language

AREAS = (
    "acquisition",
    "conversion",
    "activation",
    "retention",
    "expansion",
    "operations",
    "prediction",
)
Unit = Literal[
    "count",
    "percent",
    "money",
    "money per day",
    "ratio",
    "number",
    "days",
    "months",
    "duration",
    "points",
    "score 0-100",
    "score -1..1",
    "score -100..100",
    "text",
]
Scalar = float | int | str | None
#: `time:` of what is about now
NONE = "none"


class Setting(Strict):
    """A number or text of the profile's `settings` that a fact uses as `$name`."""

    default: Any
    about: str


class FactMeta(Strict):
    """Front matter of a fact."""

    label: str
    grain: str
    #: columns of which no two rows have the same values; a join on them that nobody reads is left
    #: out of compiled SQL, so only what the query makes sure of
    key: list[str] = Field(default_factory=list)
    time: str
    #: entities without which the fact has nothing to say
    needs: list[str]
    #: column -> label: what tiles may group and filter by
    dimensions: dict[str, str] = Field(default_factory=dict)
    #: column -> label: what lists show beside the dimensions
    columns: dict[str, str] = Field(default_factory=dict)
    #: columns of which every tile picks one value, as rows of several would count twice; with the
    #: value that the scorecard picks
    pick: dict[str, str] = Field(default_factory=dict)
    #: further aggregates that tiles show beside KPIs
    measures: dict[str, Measure] = Field(default_factory=dict)
    #: column -> entity whose ids it holds, where its name does not say so
    records: dict[str, str] = Field(default_factory=dict)
    #: column with ids -> its entity, or the column that tells it: whose record a list opens, the
    #: first that has a page
    opens: dict[str, str] = Field(default_factory=dict)
    #: whether a row is about no single record: of months, channels, cohorts, sources, KPIs. Where
    #: people see their own records only (`access.rows: own`), everybody sees these
    company_wide: bool = False
    #: column with personal data -> the id that tiles show in its place, if there is one
    personal: dict[str, str | None] = Field(default_factory=dict)
    settings: dict[str, Setting] = Field(default_factory=dict)
    #: what people ask of it, for docs/kpis.md
    questions: list[str] = Field(default_factory=list)

    @field_validator("personal", mode="before")
    @classmethod
    def _names(cls, given: object) -> object:
        """A list of columns is one without ids to show in their place."""
        return dict.fromkeys(map(str, given)) if isinstance(given, list) else given


class Thresholds(Strict):
    """Where a KPI turns yellow (`warn`) and red (`act`).

    `of: value` is in the KPI's unit. `of: change` is the change against the same period a year
    ago, as a fraction: what is much or little of a count or an amount differs from firm to firm.
    """

    warn: float
    act: float
    of: Literal["value", "change"] = "value"


class ScorecardRule(Strict):
    """How a KPI enters the scorecard: by complete months, the running month, or now."""

    period: Literal["month", "running", "now"] = "month"
    where: dict[str, str] = Field(default_factory=dict)


class Measure(Strict):
    """A further aggregate of a fact that tiles show beside a KPI, such as an amount to a count."""

    label: str
    sql: str
    unit: Unit


class Example(Strict):
    """A worked example: either `given` (inputs of the calculator) or `rows` of the fact."""

    given: dict[str, Scalar] = Field(default_factory=dict)
    rows: list[dict[str, Scalar]] = Field(default_factory=list)
    value: float | None


class Report(Strict):
    """A KPI that is a table: its rows by dimensions, its columns by measures of the fact."""

    by: list[str] = Field(min_length=1)
    measures: list[str] = Field(min_length=1)


class KpiMeta(Strict):
    """Front matter of a KPI: its governance."""

    label: str
    question: str
    definition: str
    unit: Unit
    good: Literal["up", "down"]
    kind: Literal["activity", "quality", "outcome"]
    signal: Literal["leading", "lagging"]
    use: Literal["reporting", "operating"]
    journey: str
    time: str
    over_time: Literal["sum", "ratio", "last"]
    #: a role, or several and what each of them answers for
    owner: str | dict[str, str]
    refresh: str
    review: str
    thresholds: Thresholds | None = None
    action: str
    #: entities, or entity.column, without which the value would be wrong or empty
    needs: list[str] = Field(default_factory=list)
    #: fact column -> expression over the inputs of the examples and of `crmkpi calc`
    calculator: dict[str, str] = Field(default_factory=dict)
    examples: list[Example] = Field(default_factory=list)
    edge_cases: list[str] = Field(default_factory=list)
    scorecard: ScorecardRule | None = None
    report: Report | None = None
    #: the KPI of somebody else in whose place, and under whose name, this one stands
    replaces: str | None = None


@dataclass(frozen=True)
class Metric:
    """What a chart draws: a KPI, or a measure of a fact. `sql` is canonical."""

    name: str
    label: str
    unit: Unit
    question: str
    good: str
    thresholds: Thresholds | None
    sql: str


@dataclass(frozen=True)
class Fact:
    """A fact: `name`, its front matter and its SELECT in the canonical dialect."""

    name: str
    meta: FactMeta
    file: SqlFile = field(repr=False)
    #: whose definition it is; empty for ours
    whose: str = ""

    @property
    def query(self) -> exp.Query:
        return self.file.query()

    def measure(self, name: str) -> Metric:
        """One of the fact's measures."""
        found = self.meta.measures[name]
        return Metric(name, found.label, found.unit, found.label, "up", None, found.sql)


@dataclass(frozen=True)
class Kpi:
    """A KPI: `expression` aggregates columns of the fact named `fact`."""

    name: str
    area: str
    meta: KpiMeta
    fact: str
    file: SqlFile = field(repr=False)
    #: whose definition it is; empty for ours
    whose: str = ""

    @property
    def expression(self) -> exp.Expression:
        """The aggregate, in the canonical dialect."""
        projection = self.file.parse().expressions[0]
        return projection.this if isinstance(projection, exp.Alias) else projection

    @property
    def metric(self) -> Metric:
        """What a chart needs to know of this KPI."""
        meta = self.meta
        sql = self.expression.sql(dialect="duckdb")
        levels = meta.thresholds if meta.thresholds and meta.thresholds.of == "value" else None
        return Metric(self.name, meta.label, meta.unit, meta.question, meta.good, levels, sql)

    @property
    def owners(self) -> list[str]:
        return [self.meta.owner] if isinstance(self.meta.owner, str) else list(self.meta.owner)


@dataclass(frozen=True)
class Catalog:
    """All facts and KPIs by name, and what people read in place of the facts' values."""

    facts: Mapping[str, Fact]
    kpis: Mapping[str, Kpi]
    labels: Labels = field(default_factory=Labels)
    #: what its texts are in, but for names of meetings, roles and rhythms, which `say` translates
    language: Language = ENGLISH

    def kpis_of(self, fact: str) -> list[Kpi]:
        return [kpi for kpi in self.kpis.values() if kpi.fact == fact]
