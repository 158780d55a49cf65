"""An upgrade keeps what an admin made of a connection or a role, and follows the profile."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.superset.rest.gateway import RestGateway
from tests.superset import toy
from tests.superset.test_upgrades import DATASET, Asset, seen

pytestmark = pytest.mark.superset


@pytest.fixture
def bundle(warehouse_uri: str) -> Bundle:
    return toy.bundle(warehouse_uri)


# -- connections -----------------------------------------------------------------------------------

DATABASE = "databases/toy.yaml"


def connection(gateway: Any) -> Asset:
    found: Asset = gateway.read("database", toy.uid("database"))
    return found


def set_by_an_admin(gateway: Any) -> None:
    asset = connection(gateway)
    asset |= {"expose_in_sqllab": False, "cache_timeout": 5}
    asset["extra"] = {**asset["extra"], "engine_params": {"pool_pre_ping": True}}
    with gateway.transaction():
        gateway.write({"databases/edited.yaml": asset})


@pytest.mark.parametrize("version", ["another URI", "another name"])
def test_a_connection_keeps_what_its_admin_set(
    gateway: Any, bundle: Bundle, warehouse_uri: str, version: str
) -> None:
    apply(bundle, gateway)
    set_by_an_admin(gateway)
    if version == "another URI":
        path = warehouse_uri.partition("?")[0]
        newer = toy.changed(bundle, DATABASE, sqlalchemy_uri=f"{path}?access_mode=READ_ONLY")
        assert newer.assets[DATABASE] != bundle.assets[DATABASE]
    else:
        newer = renamed(bundle)
    apply(newer, gateway)
    found = connection(gateway)
    assert found["sqlalchemy_uri"] == newer.assets[DATABASE]["sqlalchemy_uri"]
    assert found["database_name"] == newer.assets[DATABASE]["database_name"]
    assert (found["expose_in_sqllab"], found["cache_timeout"]) == (False, 5)
    assert found["extra"]["engine_params"] == {"pool_pre_ping": True}
    assert not apply(newer, gateway).changes


def renamed(base: Bundle) -> Bundle:
    """The profile calls its connection otherwise, so the bundle has another uuid for it."""
    assets = deepcopy(dict(base.assets))
    assets[DATABASE] |= {"database_name": "Renamed", "uuid": toy.uid("renamed")}
    assets[DATASET]["database_uuid"] = toy.uid("renamed")
    return Bundle(assets, base.roles)


def test_a_connection_with_another_name_is_the_same_one(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    plan = apply(renamed(bundle), gateway)
    assert {step.action for step in plan.steps} == {"update", "unchanged"}
    databases = [thing for thing in gateway.state().found if thing.kind == "database"]
    assert [(thing.name, thing.uuid) for thing in databases] == [("Renamed", toy.uid("database"))]
    assert seen(gateway, "dataset")["database_uuid"] == toy.uid("database")


def test_datasets_go_to_a_connection_that_the_admin_made(
    gateway: Any, bundle: Bundle, warehouse_uri: str
) -> None:
    apply(bundle, gateway)
    theirs = {**bundle.assets[DATABASE], "database_name": "Theirs", "uuid": toy.uid("theirs")}
    with gateway.transaction():
        gateway.write({"databases/theirs.yaml": theirs})
    named = {"database_name": "Theirs", "uuid": toy.uid("database"), "version": "1.0.0"}
    assets = {**bundle.assets, DATABASE: named}
    plan = apply(Bundle(assets, bundle.roles), gateway)
    assert {step.action for step in plan.steps} == {"use", "update", "unchanged"}
    assert seen(gateway, "dataset")["database_uuid"] == toy.uid("theirs")


def test_another_password_is_taken_over_and_written_down_nowhere(gateway: Any, dump: Any) -> None:
    def alone(password: str) -> Bundle:
        uri = f"postgresql+psycopg2://postgres:{password}@127.0.0.1:5432/postgres"
        whole = toy.changed(toy.bundle(uri), DATABASE)
        kept = {path: whole.assets[path] for path in ("metadata.yaml", DATABASE)}
        return Bundle(kept, ())

    apply(alone("first-s3cret"), gateway)
    assert not apply(alone("first-s3cret"), gateway).changes
    assert "s3cret" not in str(dump()["annotation"])
    if isinstance(gateway, RestGateway):
        # Superset tells nobody its password, and this one still opens the connection
        assert not apply(alone("second-s3cret"), gateway).changes
        return
    (step,) = apply(alone("second-s3cret"), gateway).steps
    assert (step.action, step.reason) == ("update", "Superset has another password")
    assert not apply(alone("second-s3cret"), gateway).changes
    assert "s3cret" not in str(dump()["annotation"])


# -- roles -----------------------------------------------------------------------------------------


def role_of(gateway: Any) -> Any:
    return next(thing for thing in gateway.state().found if thing.name == toy.ROLE)


def test_what_an_admin_made_of_a_role_stays(gateway: Any, bundle: Bundle) -> None:
    from superset import db, security_manager

    apply(bundle, gateway)
    role = security_manager.find_role(toy.ROLE)
    more = security_manager.add_permission_view_menu("can_csv", "Superset")
    role.permissions = [more]  # the dataset is taken away
    db.session.commit()
    assert not apply(bundle, gateway).changes

    wider = Bundle(bundle.assets, (RoleGrant(toy.ROLE, (), bundle.roles[0].datasets),))
    assert apply(wider, gateway).changes
    assert (role_of(gateway).grants, role_of(gateway).other_permissions) == (frozenset(), 1)


def test_a_role_that_was_deleted_stays_deleted(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    gateway.delete("role", toy.ROLE)
    (step,) = [s for s in apply(bundle, gateway).steps if s.kind == "role"]
    assert step.action == "deleted"
    apply(bundle, gateway, restore=True)
    assert role_of(gateway).grants == {toy.uid("dataset")}


def test_a_dataset_that_the_role_needs_no_more_is_taken_back(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    apply(Bundle(bundle.assets, (RoleGrant(toy.ROLE, bundle.roles[0].dashboards, ()),)), gateway)
    assert role_of(gateway).grants == frozenset()
