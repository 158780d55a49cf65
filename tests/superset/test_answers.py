"""After an install each tile is asked as its dashboard's role; what does not answer is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.bundle.query_context import query_context
from superset_crmkpi.installer.answers import Answers, ask_tiles
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.superset.inprocess import open_gateway
from tests.superset import toy

pytestmark = pytest.mark.superset

BROKEN = "charts/fails.yaml"


def installed(gateway: Any, bundle: Bundle) -> Answers:
    return ask_tiles(bundle, apply(bundle, gateway), gateway)


def test_all_tiles_of_the_toy_answer_once(gateway: Any, warehouse_uri: str) -> None:
    bundle = toy.bundle(warehouse_uri)
    said: list[str] = []
    found = ask_tiles(bundle, apply(bundle, gateway), gateway, said.append)
    assert found.summary() == "3 of 3 tiles answer"
    assert said[-1] == "Asking tile 3 of 3: Amount per month"
    # nothing was written, nothing is asked
    assert installed(gateway, bundle).asked == 0
    # nothing of it is left in Superset's metadata
    users = [thing.name for thing in gateway.state().found if thing.kind == "role"]
    assert "crmkpi" not in users


def test_a_tile_that_fails_on_real_rows_is_named(gateway: Any, warehouse_uri: str) -> None:
    bundle = toy.with_broken_tiles(warehouse_uri)
    role = bundle.roles[0]
    both = RoleGrant(role.name, (*role.dashboards, toy.uid("broken")), role.datasets)
    found = installed(gateway, replace(bundle, roles=(both,)))
    (failed,) = found.failed
    assert (failed.dashboard, failed.tile) == ("Toy broken", "Fails on real rows")
    assert "Could not convert string" in failed.reason
    assert "\n" not in str(failed)
    # a pie is no kind of ours, so its query is not known
    assert [tile.dashboard for tile in found.skipped] == ["Toy broken"]
    assert (
        found.summary() == "3 of 4 tiles answer, 1 not asked, as only a browser knows their query"
    )


def test_a_tile_without_a_row_is_counted_and_known(gateway: Any, warehouse_uri: str) -> None:
    bundle = toy.bundle(warehouse_uri)
    path = "charts/table.yaml"
    params = dict(bundle.assets[path]["params"])
    nowhere = {"expressionType": "SIMPLE", "clause": "WHERE", "subject": "region"}
    params["adhoc_filters"] = [{**nowhere, "operator": "==", "comparator": "Nowhere"}]
    empty = toy.changed(bundle, path, params=params, query_context=query_context(params))
    found = installed(gateway, empty)
    assert found.summary() == "3 of 3 tiles answer, 1 of them without a row"
    assert [(tile.dashboard, tile.tile) for tile in found.empty] == [("Toy deals", "By region")]


def test_it_is_asked_as_the_role_and_not_as_the_admin(
    superset_app: Any, warehouse_uri: str
) -> None:
    """In process; by REST nobody can be somebody else."""
    from superset import db, security_manager

    bundle = toy.bundle(warehouse_uri)
    with open_gateway(superset_app) as gateway:
        done = apply(bundle, gateway)
        role = security_manager.find_role(toy.ROLE)
        role.permissions = [p for p in role.permissions if p.permission.name != "datasource_access"]
        db.session.commit()
        found = ask_tiles(bundle, done, gateway)
    assert len(found.failed) == 3
    assert "access" in found.failed[0].reason
