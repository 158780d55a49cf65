"""What the files of `sql/` must hold beyond their form: governance, portable SQL, names that exist.

Each rule gives its faults as lines `file line N: what is wrong; what to do`. The rules of portable
SQL were found by running constructs on six engines; docs/connectors.md and docs/kpis.md tell more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.catalogue.definitions import NONE, Catalog, Fact, Kpi
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.personal import faults_of_fact, faults_of_kpi

#: of SQL: the definitions before it are a list, and may be as long as need be
MAX_LINES = 150
#: the one canonical entity whose name is a reserved word
QUOTED = ("user",)

FORBIDDEN: tuple[tuple[type[exp.Expression] | tuple[type[exp.Expression], ...], str], ...] = (
    (exp.Filter, "FILTER: write `sum(case when ... then ... end)`"),
    (exp.Lateral, "LATERAL: write a join"),
    ((exp.GroupingSets, exp.Rollup, exp.Cube), "GROUPING SETS: group by plain columns"),
    (exp.Values, "VALUES: write `select ... union all select ...`"),
    (exp.Interval, "an interval: join `calendar` and count days"),
    (
        (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime),
        "the current date: join `calendar` where days_ago = 0",
    ),
    (
        (
            exp.DateTrunc,
            exp.TimestampTrunc,
            exp.Extract,
            exp.DateDiff,
            exp.DateAdd,
            exp.DateSub,
            exp.TimestampDiff,
            exp.TimestampAdd,
            exp.Year,
            exp.Month,
            exp.Day,
            exp.StrToTime,
            exp.TimeToStr,
        ),
        "a date function: join `calendar`, which has it as a column",
    ),
)


def check(catalog: Catalog, model: Mapping[str, Entity], compiler: Compiler) -> None:
    """Raise CrmKpiError with all faults, one a line, when there are any."""
    faults = lint(catalog, model, compiler)
    if faults:
        raise CrmKpiError("\n".join(faults))


def lint(
    catalog: Catalog,
    model: Mapping[str, Entity],
    compiler: Compiler,
    chosen: Callable[[Fact | Kpi], bool] = lambda _: True,
) -> list[str]:
    """All faults of the facts and KPIs that are `chosen`, by file."""
    faults: list[str] = []
    for fact in filter(chosen, catalog.facts.values()):
        for rule in (portable, _aggregate_names, _branches):
            faults += rule(fact.file, fact.query)
        faults += _short(fact.file)
        faults += _fact_names(fact, compiler.columns_of(fact.name))
        faults += _opens(fact, compiler.columns_of(fact.name), model)
        faults += [_lacks(fact.file, "personal", f) for f in faults_of_fact(fact, compiler)]
        faults += _needs(fact.file, fact.meta.needs, model)
    for kpi in filter(chosen, catalog.kpis.values()):
        faults += [*portable(kpi.file, kpi.expression), *_ratios(kpi.file, kpi.expression)]
        faults += _short(kpi.file)
        faults += _governance(kpi)
        faults += _kpi_names(kpi, compiler.columns_of(kpi.fact))
        told = faults_of_kpi(kpi, catalog.facts[kpi.fact])
        faults += [_fault(kpi.file, kpi.expression, fault) for fault in told]
        faults += _report(kpi, catalog.facts[kpi.fact])
        faults += _needs(kpi.file, kpi.meta.needs, model)
    return faults


# -- SQL ------------------------------------------------------------------------------------------


def portable(
    file: SqlFile, query: exp.Expression, quoted: tuple[str, ...] = QUOTED
) -> Iterator[str]:
    """What of the query some engine does not take. `quoted`: names that may stand in quotes."""
    for kinds, remedy in FORBIDDEN:
        for node in query.find_all(*(kinds if isinstance(kinds, tuple) else (kinds,))):
            yield _fault(file, node, remedy)
    for distinct in query.find_all(exp.Distinct):
        if distinct.args.get("on"):
            yield _fault(file, distinct, "DISTINCT ON: number the rows with row_number()")
    for with_ in query.find_all(exp.With):
        if with_.args.get("recursive"):
            yield _fault(file, with_, "a recursive CTE: join `calendar`, or a digits table")
    for name in query.find_all(exp.Identifier):
        if name.args.get("quoted") and name.name not in quoted:
            yield _fault(file, name, f'the quoted name "{name.name}": use lower-case snake_case')
    if query.args.get("order"):
        yield _fault(file, query.args["order"], "ORDER BY at the end: the chart sorts")


def _aggregate_names(file: SqlFile, query: exp.Expression) -> Iterator[str]:
    """`sum(v) as v`: some engines then read the aggregate wherever `v` is meant; `t.v` is safe."""
    for alias in query.find_all(exp.Alias):
        for aggregate in alias.this.find_all(exp.AggFunc):
            same = [
                column
                for column in aggregate.find_all(exp.Column)
                if column.name == alias.alias and not column.table
            ]
            if same and not isinstance(aggregate.parent, exp.Window):
                yield _fault(file, alias, f"`{alias.alias}` is an aggregate and its own input")


def _branches(file: SqlFile, query: exp.Expression) -> Iterator[str]:
    """The first branch of a union names the columns; the others have as many."""
    for union in query.find_all(exp.SetOperation):
        names = [column.alias_or_name for column in union.selects]
        if not all(names):
            yield _fault(file, union, "a column of a UNION has no name; alias it")
        for branch in (union.left, union.right):
            columns = branch.unnest()
            known = isinstance(columns, exp.Query) and not columns.is_star and "*" not in names
            if known and len(columns.selects) != len(names):
                yield _fault(file, columns, "the branches of a UNION differ in columns")


def _ratios(file: SqlFile, expression: exp.Expression) -> Iterator[str]:
    """No division by zero, and ratios of sums in place of averages of ratios."""
    for division in expression.find_all(exp.Div):
        divisor = division.expression.unnest()
        guarded = isinstance(divisor, exp.Nullif | exp.Case) or divisor.is_number
        if not guarded and not division.find_ancestor(exp.Case):
            yield _fault(file, division, "a division without `nullif(..., 0)`")
    for average in expression.find_all(exp.Avg):
        if average.find(exp.Div):
            yield _fault(file, average, "an average of ratios; divide sums")


def _short(file: SqlFile) -> Iterator[str]:
    lines = 1 + file.sql.count("\n")
    if lines > MAX_LINES and file.path.is_file():  # nobody reads a generated one
        yield f"{file.path.name}: {lines} lines of SQL, over {MAX_LINES} lines; make it two facts"


# -- front matter ---------------------------------------------------------------------------------


def _governance(kpi: Kpi) -> Iterator[str]:
    texts = {
        name: getattr(kpi.meta, name)
        for name in ("label", "question", "definition", "review", "refresh", "action", "journey")
    }
    texts["owner"] = " ".join(kpi.owners)
    for key, text in texts.items():
        if not text.strip():
            yield _lacks(kpi.file, key, "is empty; every KPI has one")
    levels = kpi.meta.thresholds
    if levels is None:
        yield _lacks(kpi.file, "thresholds", "are missing; `of: change` suits counts and amounts")
    elif (levels.warn - levels.act) * (1 if kpi.meta.good == "up" else -1) < 0:
        yield _lacks(kpi.file, "thresholds", "`act` is reached before `warn`; exchange them")


def _fact_names(fact: Fact, columns: Iterable[str]) -> Iterator[str]:
    known, meta = set(columns), fact.meta
    for key, names in (
        ("time", [meta.time]),
        ("key", meta.key),
        ("dimensions", meta.dimensions),
        ("columns", meta.columns),
        ("pick", meta.pick),
    ):
        for name in names:
            if name not in known:
                yield _lacks(fact.file, key, f"`{name}` is not a column of the SELECT")
    for measure, given in meta.measures.items():
        read = SqlFile(fact.file.path, {}, f"select {given.sql}", 1).query()
        for column in read.find_all(exp.Column):
            if column.name not in known:
                yield _lacks(fact.file, measure, f"`{column.name}` is not a column of the SELECT")
        for fault in _ratios(fact.file, read):
            yield _lacks(fact.file, measure, fault)


def _opens(fact: Fact, columns: Iterable[str], model: Mapping[str, Entity]) -> Iterator[str]:
    """A list opens records by ids that every dataset shows."""
    known = set(columns) - set(fact.meta.personal)
    for name, told in fact.meta.opens.items():
        if name not in known:
            yield _lacks(fact.file, "opens", f"`{name}` is no column of the SELECT with ids")
        if told not in model and told not in known:
            yield _lacks(fact.file, "opens", f"`{told}` is neither in sql/model nor a column")


def _kpi_names(kpi: Kpi, columns: Iterable[str]) -> Iterator[str]:
    known, meta = set(columns), kpi.meta
    for column in kpi.expression.find_all(exp.Column):
        if column.name not in known:
            yield _fault(kpi.file, column, f"`{column.name}` is not a column of {kpi.fact}")
    named = {
        "time": [meta.time] if meta.time != NONE else [],
        "calculator": meta.calculator,
        "examples": [name for example in meta.examples for row in example.rows for name in row],
        "scorecard": meta.scorecard.where if meta.scorecard else [],
        "report": meta.report.by if meta.report else [],
    }
    for key, names in named.items():
        for name in names:
            if name not in known:
                yield _lacks(kpi.file, key, f"`{name}` is not a column of {kpi.fact}")
    for example in meta.examples:
        if example.given and not meta.calculator:
            yield _lacks(kpi.file, "examples", "`given` needs a `calculator`")


def _report(kpi: Kpi, fact: Fact) -> Iterator[str]:
    for measure in kpi.meta.report.measures if kpi.meta.report else ():
        if measure not in fact.meta.measures:
            yield _lacks(kpi.file, "report", f"`{measure}` is not a measure of {fact.name}")


def _needs(file: SqlFile, needs: Iterable[str], model: Mapping[str, Entity]) -> Iterator[str]:
    for need in (one for several in needs for one in several.split(" | ")):
        entity, _, column = need.partition(".")
        if entity not in model or (column and column not in model[entity].schema):
            yield _lacks(file, "needs", f"`{need}` is not in sql/model")


# -- messages -------------------------------------------------------------------------------------


def _fault(file: SqlFile, node: exp.Expression, what: str) -> str:
    first = next((inner.meta["line"] for inner in node.walk() if "line" in inner.meta), 1)
    return f"{file.path.name} line {file.line + int(first) - 1}: {what}"


def _lacks(file: SqlFile, key: str, what: str) -> str:
    text = file.path.read_text(encoding="utf-8") if file.path.is_file() else ""
    found = (n for n, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith(key))
    return f"{file.path.name} line {next(found, 1)}: `{key}`: {what}"
