"""Carries a plan out: all of it or nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.gateway import Gateway, LedgerEntry
from superset_crmkpi.installer.ledger import asset_entry, role_entry
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.installer.steps import REMOVE, Plan, Step
from superset_crmkpi.installer.upgrade import THEIRS, comparable
from superset_crmkpi.installer.validate import check, check_live

logger = logging.getLogger(__name__)

Progress = Callable[[str], None]


def prepare(
    bundle: Bundle,
    gateway: Gateway,
    progress: Progress = lambda _: None,
    take: str = THEIRS,
    restore: bool = False,
) -> Plan:
    """Validate the bundle and plan it; raises a CrmKpiError for problems and collisions.

    The warehouse is only asked when there is something to write.
    """
    progress("Checking the bundle")
    with timed(logger, f"checked {len(bundle.assets)} assets"):
        raise_for(check(bundle))
    progress("Comparing with what is in Superset")
    with timed(logger, "planned") as outcome:
        plan = make_plan(bundle, gateway, take, restore)
        outcome.append(plan.summary())
    plan.raise_for_refusals()
    if plan.changes:
        progress("Running every dataset and KPI on no rows")
        with timed(logger, "ran every dataset and KPI on no rows"):
            raise_for(check_live(bundle, gateway))
    return plan


def apply(
    bundle: Bundle,
    gateway: Gateway,
    progress: Progress = lambda _: None,
    take: str = THEIRS,
    restore: bool = False,
) -> Plan:
    """Install the bundle and return the plan that was carried out.

    What people changed in Superset since the last install is kept (see `make_plan`). Everything is
    validated before anything is written; any failure on the way leaves Superset as it was; with
    nothing to change nothing is written.
    """
    plan = prepare(bundle, gateway, progress, take, restore)
    if not plan.changes:
        return plan
    writes = [step for step in plan.steps if step.writes]
    rules = [step for step in writes if step.kind == "rule"]
    writes = [step for step in writes if step.kind != "rule"]
    assets = {step.path: plan.contents[step.path] for step in writes if step.path}
    roles = {role.name: role for role in bundle.roles}
    with gateway.transaction():
        progress(f"Writing {len(assets)} assets")
        if plan.copies:
            gateway.write(plan.copies)  # before ours takes their place
        gateway.write(assets)
        entries = []
        for step in writes:
            if step.path:
                entries.append(_recorded(step, plan, gateway, bundle.name))
            else:
                progress(f"Granting {step.name}")
                access = plan.access[step.name]
                gateway.grant(access.role, access.revoked, access.viewer)
                entries.append(role_entry(roles[step.name], bundle.name))
        # they name roles
        gateway.write({str(step.path): plan.contents[str(step.path)] for step in rules})
        entries += [_recorded(step, plan, gateway, bundle.name) for step in rules]
        gateway.record(entries)
        _end([step for step in plan.steps if step.ends], gateway, progress)
    return plan


def _end(steps: list[Step], gateway: Gateway, progress: Progress) -> None:
    """Remove what this version does not bring any more, in the order of the plan."""
    if not steps:
        return
    progress(f"Removing {len(steps)} assets of an older version")
    for step in steps:
        if step.action == REMOVE:
            gateway.delete(step.kind, step.uuid)
    gateway.forget((step.kind, step.uuid) for step in steps)


def _recorded(step: Step, plan: Plan, gateway: Gateway, owner: str) -> LedgerEntry:
    """What was written, without people's edits in it: the next upgrade is to see them again."""
    assert step.path is not None
    ours = plan.ours[step.path]
    exported = gateway.read(step.kind, step.uuid)
    made = step.upgrade
    untouched = made.untouched(step.kind, exported) if made else comparable(step.kind, exported)
    return asset_entry(step.kind, ours, untouched, owner)


def raise_for(problems: list[str], shown: int = 20) -> None:
    """Raise a CrmKpiError with one line per problem, if there is one."""
    if not problems:
        return
    lines = problems[:shown]
    if len(problems) > shown:
        lines.append(f"... and {len(problems) - shown} more")
    raise CrmKpiError("\n".join(lines))
