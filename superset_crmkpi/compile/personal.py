"""Personal data in facts: what a fact has to declare, so that no dataset shows it unasked.

Which columns of the model are personal data, `sql/model` says. A column of a fact that holds one of
their values, or that of a column which another fact declares, stands under `personal` there.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from superset_crmkpi.base.sqlfile import parse_sql
from superset_crmkpi.catalogue.definitions import Fact, Kpi
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.query.carried import carried


def faults_of_fact(fact: Fact, compiler: Compiler) -> Iterator[str]:
    """What is wrong with a fact's `personal`, each without the file's name."""
    meta, types = fact.meta, compiler.types_of(fact.name)
    held = carried(compiler.definition(fact.name), marked(compiler))
    for name in types:
        if name in held and name not in meta.personal:
            yield f"`{name}` holds personal data: name it here, with the id to show in its place"
    for name, instead in meta.personal.items():
        if name not in types:
            yield f"`{name}` is not a column of the SELECT"
        if instead is not None and (instead not in types or instead in meta.personal):
            yield f"`{name}: {instead}`: name a column of the SELECT that is no personal data"
    for key, names in (("time", [meta.time]), ("key", meta.key), ("pick", meta.pick)):
        for name in names:
            if name in meta.personal:
                yield f"`{name}` is needed as `{key}`; take another column there"
    for measure, given in meta.measures.items():
        yield from _counted(fact, parse_sql(given.sql, measure), f"measure `{measure}`")


def faults_of_kpi(kpi: Kpi, fact: Fact) -> Iterator[str]:
    """A KPI is the same number in every profile, so it reads what every dataset has."""
    yield from _counted(fact, kpi.expression, "KPI")


def marked(compiler: Compiler) -> dict[str, frozenset[str]]:
    """Entity or fact -> its columns with personal data."""
    entities = {name: entity.personal for name, entity in compiler.model.items()}
    facts = compiler.catalog.facts.items()
    return {**entities, **{name: frozenset(fact.meta.personal) for name, fact in facts}}


def _counted(fact: Fact, expression: exp.Expression, what: str) -> Iterator[str]:
    for name in dict.fromkeys(column.name for column in expression.find_all(exp.Column)):
        if name in fact.meta.personal:
            instead = fact.meta.personal[name]
            remedy = f"`{instead}`" if instead else "an id"
            yield f"the {what} reads `{name}`, which is personal data; take {remedy} in its place"
