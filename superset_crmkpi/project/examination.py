"""All that `crmkpi doctor` finds out about a profile's warehouse, in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.compile.coverage import EntityCoverage, KpiCoverage
from superset_crmkpi.connectors.mistakes import Mistake
from superset_crmkpi.project import access
from superset_crmkpi.project import source_inspection as inspection
from superset_crmkpi.project.doubled_rows import SetAside, set_aside
from superset_crmkpi.project.mapping_trial import tried
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.reading import Reading, reading
from superset_crmkpi.project.records import not_opened
from superset_crmkpi.project.trial import not_running, too_long
from superset_crmkpi.project.unconverted import Unconverted, unconverted_amounts
from superset_crmkpi.warehouse.connect import advice

Say = Callable[[str], None]


@dataclass(frozen=True)
class Examination:
    """What was found; lists are empty where nothing is to be said.

    `not_running` are lines on datasets of the dashboards that the warehouse refuses.
    """

    entities: list[EntityCoverage]
    kpis: list[KpiCoverage]
    recognised: list[inspection.Recognised]
    notes: list[str]
    reading: Reading
    labels: list[inspection.UnmappedLabel]
    mistakes: list[Mistake]
    doubled: list[SetAside] = field(default_factory=list)
    unconverted: list[Unconverted] = field(default_factory=list)
    matched: list[inspection.Matching] = field(default_factory=list)
    not_running: list[str] = field(default_factory=list)
    #: why alerts of the profile would reach nobody
    untold: list[str] = field(default_factory=list)

    @property
    def alarms(self) -> list[str]:
        return [*self.reading.alarms, *self.not_running, *self.untold]

    @property
    def failed(self) -> bool:
        """Whether a number is wrong, or a reader sees nothing."""
        return bool(self.alarms) or any(mistake.is_error for mistake in self.mistakes)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "entities": [
                {
                    "entity": e.entity,
                    "availability": e.availability,
                    "sources": list(e.sources),
                    "reason": e.reason,
                    "missing_columns": e.missing,
                }
                for e in self.entities
            ],
            "kpis": [
                {"kpi": k.kpi, "area": k.area, "available": k.available, "reason": k.reason}
                for k in self.kpis
            ],
            "sources": [one.to_dict() for one in self.recognised],
            "advice": self.notes,
            "alarms": self.alarms,
            "alerts": self.untold,
            "empty_tables": self.reading.empty,
            "set_aside": [one.to_dict() for one in self.doubled],
            "account_matching": [one.to_dict() for one in self.matched],
            "unmapped_labels": [label.to_dict() for label in self.labels],
            "unconverted_amounts": [one.to_dict() for one in self.unconverted],
            "mistakes": [mistake.to_dict() for mistake in self.mistakes],
        }


def examined(project: Project, say: Say, quick: bool = False) -> Examination:
    """Ask the warehouse; `quick` leaves out to compile and run the dashboards' datasets.

    With a SELECT that cannot be compiled, what is compiled from it is left out too.
    """
    mistakes = tried(project, say)
    broken = any(mistake.is_fatal for mistake in mistakes)
    coverage, notes = project.coverage, advice(project.engine)
    say("Looking for tables without rows, and labels that nobody mapped")
    seen = reading(project)
    apart = inspection.not_matched(project)
    if apart:
        notes.append(
            f"accounts of {', '.join(apart)} stand beside those of other sources; list them "
            "under `accounts.sources`, and one company counts once"
        )
    notes.extend(not_opened(project))
    found = Examination(
        entities=list(coverage.entities.values()),
        kpis=list(coverage.kpis.values()),
        recognised=inspection.recognised(project),
        notes=[*notes, *seen.notes],
        reading=seen,
        labels=inspection.unmapped_labels(project),
        mistakes=mistakes,
    )
    if broken:
        return found
    say("Counting records that are there twice, and amounts in a currency without a rate")
    found.doubled.extend(set_aside(project))
    found.unconverted.extend(unconverted_amounts(project))
    found.notes.extend(access.told(project))
    say("Matching accounts")
    found.matched.extend(inspection.account_matching(project))
    found.untold.extend(project.alerts.notes if project.alerts is not None else [])
    if not quick:
        say("Compiling the datasets of the dashboards")
        made = project.bundle()
        found.notes.extend(filter(None, [too_long(made)]))
        found.not_running.extend(not_running(project, made, say))
    return found
