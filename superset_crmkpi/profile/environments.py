"""The profile's `environments`: what differs where one profile is installed several times.

environments:
  test:
    database: {name: Test warehouse, uri: "duckdb:///test.duckdb"}
    alerts: null                     # tells nobody
  production:
    database: {uri: "postgresql+psycopg2://reader:${WAREHOUSE_PASSWORD}@db/crm"}
    sources: {sales: {schema: salesforce}}

An environment says where things are, and who is told. What numbers mean is the same in all: else a
test would be one of other numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from superset_crmkpi.base.documents import Strict
from superset_crmkpi.base.secrets import check_written_uri
from superset_crmkpi.profile.alerts import Alerts

KEY = "environments"
#: how many levels of keys an environment changes one by one; what lies below is its own
_DEPTHS = {"alerts": 1, "database": 1, "sources": 3}


class _Place(Strict):
    """Some keys of a part of the profile; another one may not differ."""

    @model_validator(mode="before")
    @classmethod
    def _only_places(cls, given: object) -> object:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in given if isinstance(given, dict) else ():
            if key not in known:
                raise ValueError(
                    f"`{key}` is no matter of an environment, which may have {', '.join(known)}; "
                    "write it once, outside of `environments`"
                )
        return {} if given is None else given


class DatabasePlace(_Place):
    """Another connection, or the same at another URI."""

    name: str | None = None
    uri: str | None = None

    @field_validator("uri")
    @classmethod
    def _no_secret(cls, uri: str | None) -> str | None:
        if uri is not None:
            check_written_uri(uri)
        return uri


class SourcePlace(_Place):
    """Where the tables of a source lie, who loaded them, and where its records are opened."""

    landing: str | None = None
    schema_: str | None = Field(default=None, alias="schema")
    tables: dict[str, str] = Field(default_factory=dict)
    #: a sandbox has records of its own
    record_base: str | dict[str, str] | None = None


class Environment(_Place):
    """What is otherwise there; null takes a value away."""

    database: DatabasePlace = DatabasePlace()
    schema_: str | None = Field(default=None, alias="schema")
    mode: Literal["live", "built"] | None = None
    sources: dict[str, SourcePlace] = Field(default_factory=dict)
    personal_data: bool | None = None
    alerts: Alerts | None = None


class OwnEnvironments(Strict):
    """The environments of a profile, whatever else is in it."""

    environments: dict[str, Environment] = Field(default_factory=dict)


def merged(profile: Mapping[str, Any], environment: Mapping[str, Any]) -> dict[str, Any]:
    """A profile as it is in an environment; both as YAML says them."""
    found = dict(profile)
    for key, value in environment.items():
        found[key] = _merged(found.get(key), value, _DEPTHS.get(key, 0))
    return found


def _merged(one: Any, other: Any, depth: int) -> Any:
    if depth == 0 or not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    inner = {key: _merged(one.get(key), value, depth - 1) for key, value in other.items()}
    return {**one, **inner}


def merged_tree(tree: yaml.Node | None, keys: Sequence[str]) -> yaml.Node | None:
    """The nodes of a profile, which know their lines, with those below `keys` in their place."""
    over = tree
    for key in keys:
        pairs = over.value if isinstance(over, yaml.MappingNode) else []
        over = next((value for name, value in pairs if name.value == key), None)
    return _merged_nodes(tree, over, None)


def _merged_nodes(
    one: yaml.Node | None, other: yaml.Node | None, depth: int | None
) -> yaml.Node | None:
    if other is None:
        return one
    if depth == 0 or not isinstance(one, yaml.MappingNode):
        return other
    if not isinstance(other, yaml.MappingNode):
        return other if depth is not None else one
    pairs = {key.value: (key, value) for key, value in one.value}
    for key, value in other.value:
        below = _DEPTHS.get(key.value, 0) if depth is None else depth - 1
        before = pairs.get(key.value, (None, None))[1]
        pairs[key.value] = (key, _merged_nodes(before, value, below))
    return yaml.MappingNode(one.tag, list(pairs.values()), one.start_mark, one.end_mark)
