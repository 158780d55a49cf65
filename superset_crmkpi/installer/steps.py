"""A plan: what an installation would do, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.installer.roles import Access
from superset_crmkpi.installer.upgrade import Upgrade

if TYPE_CHECKING:
    from rich.table import Table

CREATE, UPDATE, UNCHANGED, USE, REFUSE = "create", "update", "unchanged", "use", "refuse"
NOTHING = Upgrade({})
DELETED = "deleted"  # by people, and left so
REMOVE, KEEP = "remove", "keep"  # what this version does not bring any more
FORGET = "forget"  # the same, where people deleted it
COLOURS = {
    CREATE: "green",
    UPDATE: "yellow",
    UNCHANGED: "dim",
    USE: "dim",
    DELETED: "magenta",
    REMOVE: "yellow",
    KEEP: "magenta",
    FORGET: "dim",
    REFUSE: "red",
}


@dataclass(frozen=True)
class Step:
    """One line of a plan."""

    action: str  # one of the above; `use` is of a database that was there before
    kind: str
    uuid: str  # of a role its name
    name: str
    path: str | None = None  # in the bundle
    reason: str = ""
    upgrade: Upgrade | None = None  # of an asset that is there

    @property
    def writes(self) -> bool:
        """Whether this step makes or changes something in Superset."""
        return self.action in (CREATE, UPDATE)

    @property
    def ends(self) -> bool:
        """Whether nothing of this is there afterwards."""
        return self.action in (REMOVE, FORGET)


@dataclass(frozen=True)
class Plan:
    """All steps, and the content to write: the bundle's, pointed to the database in use."""

    steps: tuple[Step, ...]
    #: by path: what is written, people's edits in it
    contents: Mapping[str, Content] = field(default_factory=dict)
    #: by path: the same without them
    ours: Mapping[str, Content] = field(default_factory=dict)
    #: by path: what people had, where ours is taken and theirs is to stay beside it
    copies: Mapping[str, Content] = field(default_factory=dict)
    #: by name of the role
    access: Mapping[str, Access] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether anything would be written or removed."""
        return any(step.writes or step.ends for step in self.steps)

    @property
    def refused(self) -> tuple[Step, ...]:
        """The collisions."""
        return tuple(step for step in self.steps if step.action == REFUSE)

    def summary(self) -> str:
        """One line: how many of each."""
        counts = Counter(step.action for step in self.steps)
        return ", ".join(f"{counts[action]} {action}" for action in COLOURS if counts[action])

    def raise_for_refusals(self) -> None:
        """Raise a CrmKpiError that names every collision, if there is one."""
        if self.refused:
            raise CrmKpiError("\n".join(step.reason for step in self.refused))

    def to_dict(self) -> dict[str, Any]:
        """For ``--format json``."""
        steps = [
            {
                "action": step.action,
                "kind": step.kind,
                "uuid": step.uuid,
                "name": step.name,
                "reason": step.reason,
                **(step.upgrade or NOTHING).fields(),
            }
            for step in self.steps
        ]
        return {"changes": self.changes, "summary": self.summary(), "steps": steps}

    def to_table(self) -> Table:
        """For the terminal."""
        from rich.table import Table

        table = Table("Action", "Kind", "Name", "Remark", title=self.summary())
        for step in self.steps:
            remark = step.reason or (step.uuid if step.kind != "role" else "")
            table.add_row(f"[{COLOURS[step.action]}]{step.action}[/]", step.kind, step.name, remark)
        return table
