"""The making of a project's dashboards."""

from __future__ import annotations

from superset_crmkpi.project.bundling import maker_of
from superset_crmkpi.project.project import Project
from superset_crmkpi.pull.making import Making


def making_of(project: Project) -> Making:
    """As `Project.bundle` makes them."""
    project.check_selects()
    return Making(
        project.specs,
        project.fitted,
        project.shown,
        maker_of(project),
        project.profile.personal_data,
    )
