"""KPIs by period as SQL, for facts that hold many KPIs: each by its own expression, as it is.

The periods are a CTE `days`: period_type, period_no, period_start, date_day, is_last_month, one row
per day and period it lies in.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from superset_crmkpi.catalogue.definitions import NONE, Fact, Kpi, ScorecardRule
from superset_crmkpi.query.clauses import with_clause

#: the period number of what is about now, of which there is no other
NOW_NO = 0


def rule_of(facts: Mapping[str, Fact], kpi: Kpi) -> ScorecardRule:
    """How a KPI enters the scorecard: as its file says, else by its time column."""
    if kpi.meta.scorecard is not None:
        return kpi.meta.scorecard
    where = dict(facts[kpi.fact].meta.pick)
    return ScorecardRule(period="now" if kpi.meta.time == NONE else "month", where=where)


def values_of(kpi: Kpi, rule: ScorecardRule, *, last_month: bool) -> exp.Expression:
    """kpi, period_type, period_no, period_start, value; `last_month`: of a period that alone."""
    value = kpi.expression
    for read in value.find_all(exp.Column):
        read.set("table", exp.to_identifier("f"))
    name = exp.alias_(exp.Literal.string(kpi.name), "kpi")
    if rule.period == "month":
        keys = [exp.column(key, "p") for key in ("period_type", "period_no", "period_start")]
        query = exp.select(name, *keys, exp.alias_(value, "value")).from_(f"{kpi.fact} as f")
        query = query.join("days as p", on=f"p.date_day = f.{kpi.meta.time}")
        if last_month:
            query = query.where("p.is_last_month = 1")
        query = query.group_by(*keys)
    else:
        query = exp.select(
            name,
            exp.alias_(exp.Literal.string(rule.period), "period_type"),
            exp.alias_(exp.Literal.number(NOW_NO), "period_no"),
            exp.alias_(exp.func("max", exp.column("date_day", "t")), "period_start"),
            exp.alias_(value, "value"),
        ).from_(f"{kpi.fact} as f")
        if rule.period == "running":
            running = exp.select("date_day", "month_start").from_("calendar")
            running = running.where("months_ago = 0")
            query = query.join(running.subquery("d"), on=f"d.date_day = f.{kpi.meta.time}")
        today = exp.select("date_day").from_("calendar").where("days_ago = 0")
        query = query.join(today.subquery("t"), join_type="cross")
    for column, chosen in rule.where.items():
        query = query.where(
            exp.EQ(this=exp.column(column, "f"), expression=exp.Literal.string(chosen))
        )
    return query


def with_first(query: exp.Query, ctes: Mapping[str, exp.Expression]) -> str:
    """The text of the query with `ctes` put before its own, which read them."""
    for name, cte in ctes.items():
        query = query.with_(name, as_=cte)
    ordered = with_clause(query)
    assert ordered is not None
    every = ordered.expressions
    ordered.set("expressions", [*every[-len(ctes) :], *every[: -len(ctes)]])
    return query.sql(dialect="duckdb", pretty=True)
