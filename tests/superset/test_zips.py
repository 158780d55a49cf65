"""Zips imported by hand, a newer version over an older one, give what installing gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.cli.bundle import UPDATES
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.upgrade import comparable
from superset_crmkpi.superset.rest.gateway import RestGateway, open_remote
from superset_crmkpi.superset.rest.login import Password
from tests.superset import toy
from tests.superset.conftest import ADMIN_PASSWORD, fresh
from tests.superset.test_upgrades import CHART, next_version

pytestmark = pytest.mark.superset


@pytest.fixture(name="superset")
def superset_of_the_tests(_superset: Any) -> Any:
    return _superset


def imported(gateway: RestGateway, part: Bundle, folder: str, zip_: Path) -> None:
    """As a person does it who says yes to overwriting."""
    part.write_zip(zip_)
    gateway.client.post(
        f"{folder.removesuffix('s')}/import/",
        files={"formData": (zip_.name, zip_.read_bytes(), "application/zip")},
        data={"overwrite": "true", "passwords": "{}"},
    )
    gateway.catalog.refresh()


def seen(gateway: RestGateway, bundle: Bundle) -> dict[str, Any]:
    kinds = {"datasets": "dataset", "charts": "chart", "dashboards": "dashboard"}
    return {
        path: comparable(kind, gateway.read(kind, str(content["uuid"])))
        for folder, kind in kinds.items()
        for path, content in bundle.of(folder)
    }


def test_a_newer_version_is_imported_over_an_older_one(
    superset: Any, superset_url: str, warehouse_uri: str, tmp_path: Path
) -> None:
    first = toy.bundle(warehouse_uri)
    newer = toy.changed(next_version(first), CHART, slice_name="Sum of amounts")
    admin = Password("admin", ADMIN_PASSWORD)
    fresh(superset)
    with open_remote(superset_url, admin) as gateway:
        apply(newer, gateway)
        wanted = seen(gateway, newer)
    fresh(superset)
    with open_remote(superset_url, admin) as gateway:
        imported(gateway, first.for_people(), "dashboards", tmp_path / "toy.zip")
        assert seen(gateway, newer) != wanted
        for folder in UPDATES:
            imported(gateway, newer.for_people(folder), folder, tmp_path / f"{folder}.zip")
        assert seen(gateway, newer) == wanted
