"""Names that assets are known by: where they go, slugs of files, uuids of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

VERSION = "1.0.0"
PREFIX = "crmkpi"
NAMESPACE = UUID("6f0a2b5e-55a5-5b0e-9b8e-6c7a1d0c2f11")


def slug(text: str) -> str:
    """Lower case, everything but letters and digits an underscore."""
    return "".join(c if c.isalnum() else "_" for c in text.lower()).strip("_")


@dataclass(frozen=True)
class Target:
    """Where a bundle goes. `uri` None means that the database is there already, by its name.

    `built_in`: the schema where `crmkpi build` makes the facts; datasets only read them then.
    `label` is in all names that people see, so that two companies can be in one Superset.
    """

    name: str
    database: str
    uri: str | None
    schema: str | None = None
    currency: str = "EUR"
    today: date | None = None
    built_in: str | None = None
    label: str = ""

    def uuid(self, kind: str, name: str) -> str:
        """The uuid of an asset: the same for the same target, kind and name, always."""
        return str(uuid5(NAMESPACE, f"{self.name}/{kind}/{name}"))

    def table(self, *names: str) -> str:
        """The name of a dataset."""
        return "_".join(filter(None, [PREFIX, slug(self.label), *names]))

    def title(self, title: str) -> str:
        """The title of a dashboard."""
        return ": ".join(filter(None, [self.label, title]))

    def address(self, address: str) -> str:
        """The slug of a dashboard."""
        return "-".join(filter(None, [slug(self.label).replace("_", "-"), address]))


def database_asset(target: Target) -> dict[str, dict[str, Any]]:
    """The path and the content of the database: one to make, or the name of one that is there."""
    content: dict[str, Any] = {"database_name": target.database}
    if target.uri is not None:
        content |= {
            "sqlalchemy_uri": target.uri,
            "cache_timeout": None,
            "expose_in_sqllab": True,
            "allow_run_async": False,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "allow_csv_upload": False,
            "extra": {},
        }
    content |= {"uuid": target.uuid("database", target.database), "version": VERSION}
    return {f"databases/{slug(target.database)}.yaml": content}
