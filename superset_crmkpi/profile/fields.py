"""Fields of a company's own CRM: the profile's `fields`, and what they add to model and facts.

fields:
  account.segment:                 # a column of the model, from a field of yours
    from: {sales: Segment__c}
  account.icp_tier:                # a column of your own, as a dimension of facts
    label: ICP tier
    facts: [opportunities, accounts]
    filter: true
    from: {sales: ICP_Tier__c}
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator, model_validator

from superset_crmkpi.base.documents import Strict
from superset_crmkpi.base.types import Logical


class Place(Strict):
    """Where a source has the field.

    In the record's own table, or in another `table` whose `key` holds the record's id; `where` (a
    column and its value) picks among rows that hold one field each.
    """

    field: str
    table: str | None = None
    key: str | None = None
    where: dict[str, str | int] = Field(default_factory=dict)
    #: what the connector itself gives comes first
    only_if_empty: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: object) -> object:
        return {"field": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _whole(self) -> Place:
        if (self.key or self.where) and not self.table:
            raise ValueError("`key` and `where` are about another `table`; name it")
        return self


class CustomField(Strict):
    """One field: where each source has it, and in which facts it becomes a dimension."""

    from_: dict[str, Place] = Field(alias="from", default_factory=dict)
    label: str | None = None
    type: Logical = "text"
    #: None: the fact with one row per record of the entity
    facts: list[str] | None = None
    #: whether dashboards that show these facts get a filter
    filter: bool = False
    #: whether it is personal data of customers, which only a profile with `personal_data` shows
    personal: bool = False

    @field_validator("facts", mode="before")
    @classmethod
    def _many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


Fields = Mapping[str, CustomField]


def label_of(name: str, field: CustomField) -> str:
    """What Superset calls the field."""
    return field.label or name.partition(".")[2].replace("_", " ").capitalize()


def in_source(fields: Fields, source: str) -> dict[str, Place]:
    """`entity.column` -> place, of what one source supplies."""
    return {name: field.from_[source] for name, field in fields.items() if source in field.from_}
