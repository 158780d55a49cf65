"""Vendor labels to canonical values: `values.yaml` of a connector, and `values` of a source.

    ticket.priority:      # entity.column, one of the model's enumerations
      p1: urgent          # labels are compared trimmed and in lower case
      "": normal          # nothing is given (null or blank)
      "*": normal         # any other label; without it the value is unknown (null)

Canonical values stand for themselves. A mapping emits the vendor's label; the profile may add
labels of its own (`sources.crm.values`), and what no one mapped is counted by `crmkpi doctor`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.query.compose import wrapped

NOTHING, OTHERS = "", "*"
#: `entity.column` -> label -> canonical value
Labels = Mapping[str, Mapping[str, str | None]]


def read_labels(
    given: Mapping[str, Any], model: Mapping[str, Entity], where: str
) -> dict[str, dict[str, str | None]]:
    """Check a `values` section. CrmKpiError with `where`, the key and what is allowed there."""
    found: dict[str, dict[str, str | None]] = {}
    for name, labels in given.items():
        entity, _, column = str(name).partition(".")
        allowed = model[entity].allowed.get(column) if entity in model else None
        if not allowed:
            raise CrmKpiError(
                f"{where}: `{name}` is no entity.column with a list of values; see docs/model.md"
            )
        if not isinstance(labels, Mapping):
            raise CrmKpiError(f"{where}: `{name}`: write `label: value` pairs")
        found[str(name)] = {}
        for label, value in labels.items():
            if value is not None and value not in allowed:
                raise CrmKpiError(
                    f"{where}: `{name}`: {label!r} cannot become {value!r}; "
                    f"one of {', '.join(sorted(allowed))}"
                )
            if isinstance(label, bool):
                raise CrmKpiError(
                    f"{where}: `{name}`: YAML reads a label as {label}; write it in quotes"
                )
            found[str(name)][str(label).strip().lower()] = value
    return found


def merged(one: Labels, other: Labels) -> dict[str, dict[str, str | None]]:
    """Both, the other's labels first."""
    return {name: {**one.get(name, {}), **other.get(name, {})} for name in sorted({*one, *other})}


def translated(query: exp.Query, entity: Entity, labels: Labels) -> exp.Query:
    """The mapping with its labels turned into canonical values."""
    own = {
        str(name): labels[f"{entity.name}.{name}"]
        for name in query.named_selects
        if f"{entity.name}.{name}" in labels
    }
    if not own:
        return query
    columns = [
        exp.alias_(_value(exp.column(name, "v"), own[name], entity.allowed[name]), name)
        if name in own
        else exp.column(name, "v")
        for name in map(str, query.named_selects)
    ]
    return wrapped(query, columns, "v")


def _value(
    column: exp.Expression, labels: Mapping[str, str | None], allowed: frozenset[str]
) -> exp.Expression:
    label = exp.func("lower", exp.func("trim", column))
    known = {**{value.lower(): value for value in sorted(allowed)}, **labels}
    nothing, others = known.pop(NOTHING, None), known.pop(OTHERS, None)
    by_value: dict[str | None, list[str]] = {}
    for name, value in known.items():
        by_value.setdefault(value, []).append(name)
    case = exp.case()
    if nothing != others:
        blank = exp.func("coalesce", label, exp.Literal.string(""))
        case = case.when(exp.EQ(this=blank, expression=exp.Literal.string("")), _text(nothing))
    for value, names in by_value.items():
        texts = [exp.Literal.string(name) for name in names]
        case = case.when(_one_of(label, texts), _text(value))
    return case.else_(_text(others))


def _one_of(label: exp.Expression, texts: list[exp.Literal]) -> exp.Expression:
    if len(texts) == 1:
        return exp.EQ(this=label.copy(), expression=texts[0])
    return exp.In(this=label.copy(), expressions=texts)


def _text(value: str | None) -> exp.Expression:
    return exp.cast(exp.null(), "text") if value is None else exp.Literal.string(value)


def known_labels(labels: Mapping[str, str | None], allowed: frozenset[str]) -> set[str]:
    """Labels that someone gave a value on purpose, be it none."""
    return {*labels, *(value.lower() for value in allowed)} - {OTHERS}
