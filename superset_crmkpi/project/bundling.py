"""A project's dashboards as Superset's assets: where they go, and what they are held against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from superset_crmkpi.bundle.alerts import AlertMaker
from superset_crmkpi.bundle.cards import Goal
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.recipients import Told
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.profile.schema import NAME, Profile
from superset_crmkpi.project.access import seers_of_all
from superset_crmkpi.project.records import record_links

if TYPE_CHECKING:
    from superset_crmkpi.project.project import Project


def target_of(profile: Profile) -> Target:
    """Where the bundle goes; without the URI, which may hold a secret."""
    built_in = profile.schema_ if profile.mode == "built" else None
    return Target(
        name=profile.name,
        database=profile.database.name,
        uri=None,
        schema=built_in,
        currency=profile.currency.reporting,
        today=profile.calendar.today,
        built_in=built_in,
        label="" if profile.name == NAME else profile.name,
    )


def goals_of(profile: Profile) -> dict[str, Goal]:
    """Target and benchmark of each KPI that has one, in its unit."""
    named = sorted({*profile.targets, *profile.benchmarks})
    return {kpi: Goal(profile.targets.get(kpi), profile.benchmarks.get(kpi)) for kpi in named}


def maker_of(project: Project) -> BundleMaker:
    """What makes the bundles of a project's dashboards."""
    audiences = [board.audience for board in project.dashboards]
    return BundleMaker(
        project.catalog,
        project.compiler,
        target_of(project.profile),
        project.coverage.why_not,
        all_rows=seers_of_all(project.profile.access, audiences, project.coverage),
        goals=goals_of(project.profile),
        links=record_links(project),
    )


def alerts_of(project: Project) -> AlertMaker | None:
    """What makes the profile's alerts; None without any."""
    profile, alerts = project.profile, project.profile.alerts
    if alerts is None:
        return None
    emails = {role: owner.email for role, owner in profile.owners.items() if owner.email}

    def compiler_of(catalog: Catalog) -> Compiler:
        return Compiler(project.model, catalog, project.compiler.relations, project.settings)

    return AlertMaker(
        alerts,
        Told(alerts.recipients, emails),
        project.governance,
        compiler_of,
        project.catalog,
        target_of(profile),
        project.dashboards,
        alerts.time_zone or profile.calendar.time_zone,
        project.coverage.why_not,
    )


def made_bundle(project: Project) -> dict[str, Any]:
    """The bundle as plain data, with the name of its database alone."""
    project.check_selects()
    made = maker_of(project).make(project.dashboards)
    if project.alerts is not None:
        made = replace(made, assets={**made.assets, **project.alerts.make(made.shown())})
    return made.to_dict()
