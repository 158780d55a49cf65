"""The profile's `accounts`: one company that several systems know becomes one account.

accounts:
  sources: [sales, billing, helpdesk]   # the first that knows an account leads it
  by: [map, domain, email]              # the first rule that leads to a single account decides
  map:
    billing:
      ids: {cus_9: 0015f00000Ab}        # billing's id: the id in the first source
      held_in: stripe_id                # column of the leading accounts with billing's id
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from superset_crmkpi.base.documents import Strict

Rule = Literal["map", "domain", "email"]
RULES: tuple[Rule, ...] = ("map", "domain", "email")
#: what each rule is called in `account_match.matched_by`
NAMES = {"map": "map", "domain": "domain", "email": "e-mail"}


class AccountMap(Strict):
    """Where it is written which account is which."""

    #: id in this source -> id in the first source, or `source:id`
    ids: dict[str, str] = Field(default_factory=dict)
    #: column of this source's accounts that holds the id in the first source, or `source:id`
    column: str | None = None
    #: column of the accounts of sources before this one that holds the id in this one
    held_in: str | None = None

    @field_validator("ids", mode="before")
    @classmethod
    def _texts(cls, given: object) -> object:
        if isinstance(given, dict):
            return {str(key): str(value) for key, value in given.items()}
        return given


class Accounts(Strict):
    """Which sources know the same companies, and how they are told to be the same."""

    sources: list[str] = Field(min_length=2)
    by: list[Rule] = Field(default=list(RULES), min_length=1)
    map: dict[str, AccountMap] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Accounts:
        if len(set(self.sources)) < len(self.sources) or len(set(self.by)) < len(self.by):
            raise ValueError("name each source and each rule once")
        for source in self.map:
            if source not in self.sources[1:]:
                raise ValueError(
                    f"`map.{source}` is not one of the sources after the first: "
                    f"{', '.join(self.sources[1:])}"
                )
        return self

    @property
    def columns(self) -> set[str]:
        """Columns of accounts that hold ids of other systems."""
        named = [name for rule in self.map.values() for name in (rule.column, rule.held_in)]
        return {name for name in named if name is not None}
