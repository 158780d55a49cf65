"""What the fields of a company's own CRM add to the model and to facts: columns, dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.types import TYPES
from superset_crmkpi.canonical.model import Column, Entity
from superset_crmkpi.catalogue.definitions import Catalog, Fact
from superset_crmkpi.profile.fields import CustomField, Fields, label_of
from superset_crmkpi.query.compose import wrapped

#: how many references lie at most between a fact's record and the entity of a field
HOPS = 2


def with_columns(model: Mapping[str, Entity], fields: Fields) -> dict[str, Entity]:
    """The model with the columns that `fields` add. CrmKpiError for a name that is taken."""
    extended = dict(model)
    for name, field in fields.items():
        entity, _, column = name.partition(".")
        if entity not in model:
            raise CrmKpiError(f"no such canonical entity; there are: {', '.join(model)}")
        known = model[entity]
        if column in known.columns:
            if field.personal:
                raise CrmKpiError(
                    "`personal` is for columns of your own; those of the model say it"
                )
            continue
        if column in known.schema:
            of = known.companions[column].of
            raise CrmKpiError(f"is computed from `{of}`; choose another name, or map `{of}`")
        added = Column(
            column,
            TYPES[field.type],
            meaning=label_of(name, field),
            of_profile=True,
            personal=field.personal,
        )
        columns = {**extended[entity].columns, column: added}
        extended[entity] = replace(extended[entity], columns=columns)
    return extended


def facts_of(
    catalog: Catalog, model: Mapping[str, Entity], name: str, field: CustomField
) -> list[str]:
    """Facts that get the field as a dimension. CrmKpiError for one that cannot have it."""
    entity, _, column = name.partition(".")
    own = _plural(entity)
    if field.facts is None:
        if not model[entity].columns[column].of_profile:
            return []  # facts show it as it is
        if own not in catalog.facts:
            raise CrmKpiError(f"no fact has one row per {entity}; name those it is for, by `facts`")
    wanted = [own] if field.facts is None else field.facts
    for fact in wanted:
        if fact not in catalog.facts:
            raise CrmKpiError(f"no such fact: {fact}; there are: {', '.join(catalog.facts)}")
        if column in _outputs(catalog.facts[fact]):
            raise CrmKpiError(f"the fact `{fact}` has a column `{column}` already")
        if _path(catalog.facts[fact], model, entity) is None:
            can = [f.name for f in catalog.facts.values() if _path(f, model, entity) is not None]
            raise CrmKpiError(
                f"a row of the fact `{fact}` is of no single {entity}; these are: {', '.join(can)}"
            )
    return wanted


def with_dimensions(catalog: Catalog, model: Mapping[str, Entity], fields: Fields) -> Catalog:
    """The catalogue whose facts have the fields as dimensions."""
    added: dict[str, dict[str, CustomField]] = {}
    for name, field in fields.items():
        for fact in facts_of(catalog, model, name, field):
            added.setdefault(fact, {})[name] = field
    facts = {
        name: _extended(fact, model, added[name]) if name in added else fact
        for name, fact in catalog.facts.items()
    }
    words = [name.partition(".")[2] for name, f in fields.items() if _is_flag(model, name)]
    return replace(catalog, facts=facts, labels=catalog.labels.with_words(words))


def _is_flag(model: Mapping[str, Entity], name: str) -> bool:
    entity, _, column = name.partition(".")
    return model[entity].columns[column].type == "boolean"


@dataclass(frozen=True)
class _Step:
    """A join: `entity` on its id, which the column `key` of the step before (or the fact) holds."""

    key: str
    entity: str


def _plural(entity: str) -> str:
    return f"{entity[:-1]}ies" if entity.endswith("y") else f"{entity}s"


def _outputs(fact: Fact) -> list[str]:
    return [str(name) for name in fact.query.named_selects]


def _path(fact: Fact, model: Mapping[str, Entity], entity: str) -> tuple[_Step, ...] | None:
    """The shortest way of references from a row of the fact to the entity; None without one."""
    starts = [_Step(column, found) for column, found in _records(fact, model).items()]
    # first what a row of the fact is itself: `opportunities` before their accounts
    starts.sort(key=lambda step: _plural(step.entity) != fact.name)
    paths: list[tuple[_Step, ...]] = [(start,) for start in starts]
    for _ in range(HOPS):
        for path in paths:
            if path[-1].entity == entity:
                return path
        paths = [
            (*path, _Step(column.name, column.references))
            for path in paths
            for column in model[path[-1].entity].columns.values()
            if column.references and column.name == f"{column.references}_id"
        ]
    return next((path for path in paths if path[-1].entity == entity), None)


def _records(fact: Fact, model: Mapping[str, Entity]) -> dict[str, str]:
    """Output column -> the entity whose ids it holds: by its name, or as the fact's file says."""
    named = {
        column: column.removesuffix("_id") for column in _outputs(fact) if column.endswith("_id")
    }
    return {c: e for c, e in {**named, **fact.meta.records}.items() if e in model}


def _extended(fact: Fact, model: Mapping[str, Entity], fields: Fields) -> Fact:
    aliases: dict[tuple[_Step, ...], str] = {}
    joins: list[tuple[exp.Expression, exp.Expression]] = []
    columns: list[exp.Expression] = [exp.column(name, "f") for name in _outputs(fact)]
    for name in fields:
        entity, _, column = name.partition(".")
        path = _path(fact, model, entity)
        assert path is not None
        for length in range(1, len(path) + 1):
            steps = path[:length]
            if steps in aliases:
                continue
            before = aliases.get(steps[:-1], "f")
            aliases[steps] = f"of_{len(aliases) + 1}"
            table = exp.to_table(steps[-1].entity, dialect="duckdb")
            table.set("alias", exp.TableAlias(this=exp.to_identifier(aliases[steps])))
            on = exp.column("id", aliases[steps]).eq(exp.column(steps[-1].key, before))
            joins.append((table, on))
        value = _shown(exp.column(column, aliases[path]), model[entity].columns[column].type)
        columns.append(exp.alias_(value, column))
    query = wrapped(fact.query, columns, "f", joins)
    labels = {name.partition(".")[2]: label_of(name, field) for name, field in fields.items()}
    personal = {name.partition(".")[2]: None for name, field in fields.items() if field.personal}
    meta = fact.meta.model_copy(
        update={
            "dimensions": {**fact.meta.dimensions, **labels},
            "personal": {**fact.meta.personal, **personal},
        }
    )
    return replace(fact, meta=meta, file=replace(fact.file, sql=query.sql(dialect="duckdb")))


def _shown(column: exp.Expression, kind: str) -> exp.Expression:
    """As facts show dimensions: texts are never null, flags are words."""
    none = exp.Literal.string("(none)")
    if kind == "text":
        return exp.func(
            "coalesce", exp.func("nullif", exp.func("trim", column), exp.Literal.string("")), none
        )
    if kind == "boolean":
        yes = exp.case().when(column.copy(), exp.Literal.string("yes"))
        return yes.when(exp.not_(column), exp.Literal.string("no")).else_(none)
    return column


def filters_of(
    catalog: Catalog, model: Mapping[str, Entity], fields: Fields
) -> list[tuple[str, str, str]]:
    """(label, column, fact) of fields that dashboards show as a filter."""
    return [
        (label_of(name, field), name.partition(".")[2], fact)
        for name, field in fields.items()
        if field.filter
        for fact in facts_of(catalog, model, name, field)[:1]
    ]
