"""Two companies, each with a profile of its own, side by side in one Superset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.uninstall import make_uninstall, uninstall
from superset_crmkpi.profile.schema import Profile, schema_for
from superset_crmkpi.project.project import Project
from tests.seeds import by_turns
from tests.superset.test_cli_install import PROFILE, make_warehouse
from tests.superset.test_uninstall import left

pytestmark = pytest.mark.superset


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    """Name of the profile -> what it installs; '' gives no name."""
    warehouse = tmp_path_factory.mktemp("several") / "warehouse.duckdb"
    make_warehouse(warehouse)
    uri = f"duckdb:///{warehouse}?access_mode=read_only"

    def bundle(name: str) -> Bundle:
        given = {key: value for key, value in PROFILE.items() if key != "name"}
        given["database"] = {"name": f"{name or 'Our'} warehouse", "uri": uri}
        project = Project(Profile.model_validate({**given, **({"name": name} if name else {})}))
        try:
            return project.bundle(uri=uri)
        finally:
            project.engine.dispose()

    return {name: bundle(name) for name in ("", "Acme North", "Acme South")}


def names(bundle: Bundle) -> set[str]:
    """What people see, and what may be there once only."""
    keys = ("database_name", "table_name", "dashboard_title", "slug")
    found = {str(a[key]) for a in bundle.assets.values() for key in keys if key in a}
    return found | {role.name for role in bundle.roles}


def test_all_names_carry_the_profiles_and_the_default_is_as_before(
    bundles: dict[str, Bundle],
) -> None:
    ours, north, south = (names(bundle) for bundle in bundles.values())
    assert not north & south
    assert not north & ours
    assert {"crm-executive", "Executive CRM Review", "crmkpi_pipeline_opportunities"} <= ours
    assert {
        "acme-north-crm-executive",
        "Acme North: Executive CRM Review",
        "crmkpi_acme_north_pipeline_opportunities",
        "Acme North Executive",
    } <= north
    schemas = [schema_for(name) for name in ("CRM", "Acme North", "北")]
    assert schemas[:2] == ["crmkpi", "crmkpi_acme_north"]
    assert schemas[2].startswith("crmkpi_")
    assert schemas[2].isascii()


@by_turns(2)
def test_each_is_installed_and_goes_without_the_other(
    gateway: Any, bundles: dict[str, Bundle], dump: Any, metadata: Path
) -> None:
    apply(bundles["Acme North"], gateway)
    before = dump()
    done = apply(bundles["Acme South"], gateway)
    assert {step.action for step in done.steps} == {"create"}
    assert not apply(bundles["Acme North"], gateway).changes
    assert not apply(bundles["Acme South"], gateway).changes
    uninstall(make_uninstall("Acme South", gateway), gateway)
    assert left(before, dump()) == {}
