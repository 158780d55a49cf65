"""`records.yaml` of a connector: where the vendor's application shows a single record.

    bases: {base: "https://acme.lightning.force.com"}    # name -> one, as an example
    pages:
      account: "{base}/lightning/r/Account/{id}/view"
    without:
      contact: why a contact has no page

A vendor that has no page for any record says why: `none: ads are no records of customers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field, field_validator, model_validator

from superset_crmkpi.base.documents import Strict
from superset_crmkpi.profile.records import Page, check_base, pages
from superset_crmkpi.profile.schema import Source

#: entities whose records people open; a connector says of each it maps where, or why nowhere
OPENED = ("account", "contact", "lead", "opportunity", "ticket")


class Records(Strict):
    """The whole file."""

    bases: dict[str, str] = Field(default_factory=dict)
    #: entity -> page, or shape of ids -> page
    pages: dict[str, str | dict[str, str]] = Field(default_factory=dict)
    #: entity -> why its records have no page
    without: dict[str, str] = Field(default_factory=dict)
    none: str | None = None

    @field_validator("bases")
    @classmethod
    def _bases(cls, given: dict[str, str]) -> dict[str, str]:
        for example in given.values():
            check_base(example)
        return given

    @model_validator(mode="after")
    def _whole(self) -> Records:
        used = {page.base for page in self.all_pages() if page.base is not None}
        for name in sorted(used ^ set(self.bases)):
            where = "`bases` does not say what it is" if name in used else "no page uses it"
            raise ValueError(f"{{{name}}}: {where}")
        if self.none is not None and (self.pages or self.without):
            raise ValueError("`none` stands alone: take it out, or `pages` and `without`")
        return self

    def all_pages(self) -> list[Page]:
        """Those of all entities, in the order of the file."""
        return [page for entity, given in self.pages.items() for page in pages(entity, given)]


@dataclass(frozen=True)
class OpenedRecords:
    """Where the records of one source of a profile are opened.

    `lacking`: address that the profile does not give -> an example of it, or nothing.
    """

    source: str
    pages: list[Page]
    bases: Mapping[str, str]
    lacking: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, source: Source, records: Records) -> OpenedRecords:
        """The connector's pages, and for some entities the profile's in their place."""
        own = [
            page for entity, given in source.record_pages.items() for page in pages(entity, given)
        ]
        kept = [page for page in records.all_pages() if page.entity not in source.record_pages]
        found = [*own, *kept]
        used = dict.fromkeys(page.base for page in found if page.base is not None)
        lacking = {
            base: records.bases.get(base, "") for base in used if base not in source.record_base
        }
        return cls(name, found, source.record_base, lacking)
