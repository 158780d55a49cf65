"""Where lists open the records of a profile's sources, and what the profile has to say for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from superset_crmkpi.bundle.record_links import RecordLinks
from superset_crmkpi.connectors.records import OpenedRecords
from superset_crmkpi.profile.records import BASE

if TYPE_CHECKING:
    from superset_crmkpi.project.project import Project


def record_links(project: Project) -> RecordLinks:
    """The links that the profile's sources can have."""
    return RecordLinks(_opened(project))


def not_opened(project: Project) -> Iterator[str]:
    """A line for each source to whose records no list has a link, with what to write.

    Who gives one of several addresses knows of the others, and may have only one of the products.
    """
    for opened in _opened(project):
        if opened.lacking and not opened.bases:
            yield (
                f"source {opened.source}: lists have no link to its records; write "
                f"`sources.{opened.source}.record_base: {written(opened.lacking)}`, with the "
                "address at which your people work"
            )


def written(lacking: Mapping[str, str]) -> str:
    """Addresses as a profile gives them."""
    shown = {name: example or "https://crm.example.com" for name, example in lacking.items()}
    if list(shown) == [BASE]:
        return shown[BASE]
    return "{" + ", ".join(f"{name}: {example}" for name, example in shown.items()) + "}"


def _opened(project: Project) -> list[OpenedRecords]:
    return [
        OpenedRecords.of(name, source, project.connector_of(source).records)
        for name, source in project.profile.sources.items()
    ]
