"""Row-level rules come with an install, follow the profile, keep what admins add, and go again."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.installer.uninstall import make_uninstall, uninstall
from tests.superset import toy
from tests.superset.guarded import UUID, with_rule

pytestmark = pytest.mark.superset


@pytest.fixture
def bundle(warehouse_uri: str) -> Bundle:
    return with_rule(toy.bundle(warehouse_uri))


def rule(gateway: Any) -> Any:
    return gateway.read("rule", UUID)


def edited(gateway: Any, **values: Any) -> None:
    """As an admin does it."""
    with gateway.transaction():
        gateway.write({"rules/edited.yaml": {**rule(gateway), **values}})


def names(gateway: Any) -> list[str]:
    return [thing.name for thing in gateway.state().found if thing.kind == "rule"]


def of_others(**values: Any) -> Any:
    """A rule of somebody's on the toy's dataset."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    from superset_crmkpi.superset.reader import model

    made = RowLevelSecurityFilter(
        name="Theirs",
        filter_type="Regular",
        clause="region = 'North'",
        tables=[model("dataset", toy.uid("dataset"))],
        roles=[security_manager.find_role("Gamma")],
        **values,
    )
    db.session.add(made)
    db.session.commit()
    return made


def test_a_second_install_finds_nothing_to_do(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    assert rule(gateway)["roles"] == {"Admin": True, toy.ROLE: True}
    assert rule(gateway)["datasets"] == {toy.uid("dataset"): True}
    assert not make_plan(bundle, gateway).changes


def test_what_an_admin_added_stays_in_a_new_version(
    gateway: Any, bundle: Bundle, warehouse_uri: str
) -> None:
    apply(bundle, gateway)
    edited(gateway, roles={**rule(gateway)["roles"], "Alpha": True}, description="Ask Dana")
    apply(with_rule(toy.bundle(warehouse_uri), "region = 'South'"), gateway)
    assert rule(gateway)["roles"] == {"Admin": True, "Alpha": True, toy.ROLE: True}
    assert rule(gateway)["description"] == "Ask Dana"
    assert rule(gateway)["clause"] == "region = 'South'"


def test_a_dataset_that_was_deleted_comes_back_with_its_guard(gateway: Any, bundle: Bundle) -> None:
    from superset.commands.dataset.delete import DeleteDatasetCommand

    from superset_crmkpi.superset.reader import model

    apply(bundle, gateway)
    DeleteDatasetCommand([model("dataset", toy.uid("dataset")).id]).run()
    assert rule(gateway)["datasets"] == {}
    apply(bundle, gateway)
    assert rule(gateway)["datasets"] == {toy.uid("dataset"): True}
    assert gateway.read("chart", toy.uid("total"))["dataset_uuid"] == toy.uid("dataset")
    assert not make_plan(bundle, gateway).changes


def test_a_rule_that_was_deleted_comes_back(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    with gateway.transaction():
        gateway.delete("rule", UUID)
    assert names(gateway) == []
    apply(bundle, gateway)
    assert names(gateway) == ["Toy: regions"]


def test_a_rule_goes_with_the_profiles_wish(
    gateway: Any, bundle: Bundle, warehouse_uri: str
) -> None:
    apply(bundle, gateway)
    apply(toy.bundle(warehouse_uri), gateway)
    assert names(gateway) == []


def test_a_rule_of_this_name_that_is_somebody_elses_is_refused(
    gateway: Any, bundle: Bundle, warehouse_uri: str
) -> None:
    from superset import db

    apply(toy.bundle(warehouse_uri), gateway)
    of_others().name = "Toy: regions"
    db.session.commit()
    with pytest.raises(CrmKpiError, match=r"another row-level rule named .Toy: regions."):
        apply(bundle, gateway)


def test_a_rule_that_does_not_run_is_refused_and_nothing_is_changed(
    gateway: Any, bundle: Bundle, warehouse_uri: str, snapshot: Any
) -> None:
    before = snapshot()
    with pytest.raises(CrmKpiError, match="does not run on crmkpi_toy_deals"):
        apply(with_rule(toy.bundle(warehouse_uri), "no_such_column = 1"), gateway)
    assert snapshot() == before


def test_where_templates_are_off_the_install_says_so_and_changes_nothing(
    gateway: Any, bundle: Bundle, snapshot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from superset.extensions import feature_flag_manager

    flags = feature_flag_manager._feature_flags
    monkeypatch.setitem(flags, "ENABLE_TEMPLATE_PROCESSING", False)
    before = snapshot()
    with pytest.raises(CrmKpiError, match="ENABLE_TEMPLATE_PROCESSING"):
        apply(bundle, gateway)
    assert snapshot() == before


def test_an_uninstall_ends_our_rule_and_takes_only_the_dataset_out_of_theirs(
    gateway: Any, bundle: Bundle
) -> None:
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable

    apply(bundle, gateway)
    theirs = of_others()
    kept = SqlaTable(table_name="of others", database=theirs.tables[0].database)
    theirs.tables.append(kept)
    db.session.commit()
    uninstall(make_uninstall("", gateway), gateway, force=True)
    db.session.expire_all()
    (left,) = db.session.query(RowLevelSecurityFilter)
    assert [table.table_name for table in left.tables] == ["of others"]
    assert [role.name for role in left.roles] == ["Gamma"]


def test_after_an_error_all_rules_are_as_they_were(
    gateway: Any, bundle: Bundle, snapshot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(bundle, gateway)
    of_others()
    state = gateway.state()

    def broken(*_: Any) -> None:
        raise CrmKpiError("the ledger cannot be written")

    planned = make_uninstall("", gateway)
    before = [
        (thing.name, thing.uuid.startswith("of others"))
        for thing in state.found
        if thing.kind == "rule"
    ]
    ours = rule(gateway)
    with monkeypatch.context() as patch:
        place = gateway.ledger if hasattr(gateway, "ledger") else gateway
        patch.setattr(place, "forget", broken)
        with pytest.raises(CrmKpiError, match="cannot be written"):
            uninstall(planned, gateway, force=True)
    found = [thing for thing in gateway.state().found if thing.kind == "rule"]
    assert [(t.name, t.uuid.startswith("of others")) for t in found] == before
    assert rule(gateway) == ours
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    db.session.expire_all()
    theirs = db.session.query(RowLevelSecurityFilter).filter_by(name="Theirs").one()
    assert [role.name for role in theirs.roles] == ["Gamma"]
    assert [str(table.uuid) for table in theirs.tables] == [toy.uid("dataset")]
