"""Amounts that no sum has, as their currency has no rate to the reporting currency."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import fetched


@dataclass(frozen=True)
class Unconverted:
    """`rows` amounts of a column in one currency, `amount` of it in all, that have no rate."""

    entity: str
    column: str
    currency: str
    rows: int
    amount: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def unconverted_amounts(project: Project) -> list[Unconverted]:
    """Per money column and currency, the most rows first; an amount of zero lacks nothing."""
    found = [
        one
        for entity in project.model.values()
        for column in entity.money
        if _converts(project, entity, column)
        for one in _of(project, entity, column)
    ]
    return sorted(found, key=lambda one: (one.entity, one.column, -one.rows, one.currency))


def _converts(project: Project, entity: Entity, column: str) -> bool:
    """Whether a source gives the column with the currency it is in."""
    return any(
        source.usable(entity.name) and {column, "currency"} <= set(source[entity.name].emits)
        for source in project.sources
    )


def _of(project: Project, entity: Entity, column: str) -> list[Unconverted]:
    given = project.live.entity(entity.name, ["currency", column, f"{column}_base"])
    query = (
        f"select m.currency, count(*) as rows_found, sum(m.{column}) as amount from ({given}) as m "
        f"where m.{column} <> 0 and m.{column}_base is null group by m.currency"
    )
    return [
        Unconverted(
            entity.name,
            column,
            str(row["currency"] or ""),
            int(row["rows_found"]),
            float(row["amount"]),
        )
        for row in fetched(project.engine, query)
    ]
