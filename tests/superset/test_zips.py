"""Zips imported by hand, a newer version over an older one, give what installing gives."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.cli import main
from superset_crmkpi.cli.bundle import UPDATES
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.upgrade import comparable
from superset_crmkpi.superset.rest.gateway import RestGateway, open_remote
from superset_crmkpi.superset.rest.login import Password
from tests.seeds import by_turns
from tests.superset import toy
from tests.superset.conftest import ADMIN_PASSWORD, fresh
from tests.superset.test_cli_install import PROFILE, make_warehouse
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


@by_turns(2)
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


@by_turns(2)
def test_the_command_writes_them_in_the_order_of_their_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_warehouse(tmp_path / "mini.duckdb")
    monkeypatch.setenv("MINI_FILE", str(tmp_path / "mini.duckdb"))
    monkeypatch.chdir(tmp_path)
    Path("crmkpi.yaml").write_text(yaml.safe_dump(PROFILE))
    done = CliRunner().invoke(main, ["bundle", "-o", "crm.zip", "--update"])
    assert done.exit_code == 0, done.output
    kinds = {}
    for path in sorted(tmp_path.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            metadata = yaml.safe_load(archive.read("crmkpi/metadata.yaml"))
        kinds[path.name] = metadata["type"]
    assert kinds == {
        "crm-1-datasets.zip": "SqlaTable",
        "crm-2-charts.zip": "Slice",
        "crm-3-dashboards.zip": "Dashboard",
    }
    for name, menu in zip(kinds, ("Datasets", "Charts", "Dashboards"), strict=True):
        assert f"{name}: " in done.output
        assert f"import it under {menu} > Import" in done.output
