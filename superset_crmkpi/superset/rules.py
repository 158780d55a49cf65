"""Row-level rules of a Superset: no import takes them, its own commands make them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.row_rules import ADMIN
from superset_crmkpi.installer.gateway import Content, Found
from superset_crmkpi.superset import probe
from superset_crmkpi.superset.failures import raise_bug, reason
from superset_crmkpi.superset.rule_fields import (
    MADE,
    MARKER,
    OFF,
    PLAIN,
    TRIED,
    is_template,
    key_of,
    question,
    uuid_in,
)


def found() -> Iterator[Found]:
    """All of them; one that is not ours has its number in place of a uuid."""
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter as Row

    for number, name, key in db.session.query(Row.id, Row.name, Row.group_key):
        yield Found("rule", uuid_in(key) or f"of others {number}", name)


def row_of(uuid: str) -> Any:
    """The row of a rule of ours, None if it is not there."""
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter

    return db.session.query(RowLevelSecurityFilter).filter_by(group_key=key_of(uuid)).first()


def read(uuid: str) -> dict[str, Any]:
    """The rule as an asset."""
    row = row_of(uuid)
    if row is None:
        raise CrmKpiError(f"Superset has no row-level rule with uuid {uuid}")
    return {
        **{key: getattr(row, key) for key in PLAIN},
        "roles": {role.name: True for role in sorted(row.roles, key=lambda role: role.name)},
        "datasets": dict.fromkeys(sorted(str(table.uuid) for table in row.tables), True),
        "uuid": uuid,
        "version": "1.0.0",
    }


def write(content: Content) -> None:
    """Create or overwrite one; to be called inside a transaction, after what it refers to.

    A role that is not there is left out: roles may be made elsewhere.
    """
    from superset import security_manager
    from superset.commands.security.create import CreateRLSRuleCommand
    from superset.commands.security.update import UpdateRLSRuleCommand

    roles = [security_manager.find_role(name) for name in content["roles"]]
    given = {key: content[key] for key in PLAIN}
    given |= {
        "group_key": key_of(str(content["uuid"])),
        "roles": [role.id for role in roles if role is not None],
        "tables": [_number(content, uuid) for uuid in content["datasets"]],
    }
    row = row_of(str(content["uuid"]))
    if row is None:
        CreateRLSRuleCommand(given).run()
    else:
        UpdateRLSRuleCommand(row.id, given).run()


def _number(content: Content, uuid: str) -> int:
    from superset_crmkpi.superset.reader import model

    dataset = model("dataset", uuid)
    if dataset is None:
        raise CrmKpiError(f'rule "{content["name"]}": Superset has no dataset {uuid}')
    return int(dataset.id)


def seers(dataset: int) -> list[Any]:
    """The roles that our rules on the dataset of that number do not bind, but for Admin."""
    from superset import db
    from superset.connectors.sqla.models import RowLevelSecurityFilter as Row

    ours = db.session.query(Row).filter(Row.group_key.startswith(MARKER))
    roles = {
        role.name: role
        for rule in ours
        if any(table.id == dataset for table in rule.tables)
        for role in rule.roles
    }
    return [role for name, role in roles.items() if name != ADMIN]


def delete(uuid: str) -> None:
    """Delete one of ours."""
    from superset import db

    row = row_of(uuid)
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def check(database: Any, rule: Content, dataset: Content) -> list[str]:
    """Whether Superset fills in who asks, and the rule runs on that dataset; what is wrong."""
    try:
        if is_template(rule) and probe.rendered(database, TRIED) != MADE:
            return [OFF]
        clause = probe.rendered(database, str(rule["clause"]))
        source = probe.source_of(database, dataset)
        probe.columns_of(database, dataset.get("schema"), question(source, clause))
    except Exception as error:  # whatever a driver or a template may raise
        raise_bug(error)
        return [f"it does not run on {dataset['table_name']}: {reason(error)}"]
    return []
