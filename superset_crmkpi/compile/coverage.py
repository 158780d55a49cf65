"""What this warehouse can answer, and what is missing for the rest.

Per entity: native (the vendor has it), derived (the mapping reconstructs it) or absent. Per KPI:
available, or why not, in words that stand on a tile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from superset_crmkpi.canonical.model import MANAGED, Entity
from superset_crmkpi.catalogue.definitions import Catalog, Kpi
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.language.text import Text, marked

#: entities whose records data quality looks at
RECORDS = ("account", "contact", "lead", "opportunity")


@dataclass(frozen=True)
class EntityCoverage:
    """`missing` maps a canonical column that no source supplies to the reason."""

    entity: str
    label: str
    availability: str
    sources: tuple[str, ...]
    reason: str
    missing: dict[str, str]


@dataclass(frozen=True)
class KpiCoverage:
    """`reason` is empty when the KPI is available."""

    kpi: str
    label: str
    area: str
    reason: str

    @property
    def available(self) -> bool:
        return not self.reason


class Coverage:
    """Coverage of a model by bound sources."""

    def __init__(
        self,
        model: dict[str, Entity],
        catalog: Catalog,
        sources: Iterable[MappedSource],
        computed: Mapping[str, Sequence[str]] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """`computed`: entities that no mapping gives -> the sources they are worked out from.

        `settings`: what the profile sets.
        """
        self.model = model
        self.catalog = catalog
        self.sources = list(sources)
        self.computed = computed or {}
        self.settings = settings or {}

    @cached_property
    def entities(self) -> dict[str, EntityCoverage]:
        """Coverage of every entity."""
        return {name: self._entity(entity) for name, entity in self.model.items()}

    @cached_property
    def kpis(self) -> dict[str, KpiCoverage]:
        """Coverage of every KPI."""
        return {
            name: KpiCoverage(name, kpi.meta.label, kpi.area, self.why_not(kpi))
            for name, kpi in self.catalog.kpis.items()
        }

    def unmapped_fields(self) -> list[dict[str, object]]:
        """Rows of `data_quality_field`: columns of records that a source does not supply."""
        return [
            {
                "id": f"{source.name} {entity}.{column}",
                "source_system": source.connector.name,
                "entity": entity,
                "column_name": column,
                "is_mapped": False,
                "is_required": False,
            }
            for source in self.sources
            for entity in RECORDS
            if entity in source and not self._absent(source, entity)
            for column in self._missing_columns(source, self.model[entity])
        ]

    def why_not(self, kpi: Kpi) -> str:
        """Why a KPI cannot be computed here; empty when it can."""
        meta = self.catalog.facts[kpi.fact].meta
        for need in [*meta.needs, *kpi.meta.needs]:
            reason = self.lacks(need)
            if reason:
                return reason
        for name, setting in meta.settings.items():
            if setting.default is None and self.settings.get(name) is None:
                return Text(
                    "Needs `settings: {{{name}: ...}}` in the profile: the {about}.",
                    name=name,
                    about=setting.about,
                )
        return ""

    def lacks(self, need: str) -> str:
        """`need` is an entity, entity.column, or several with ` | ` of which one will do.

        Empty when it is there.
        """
        reasons = [self._lacks_one(one) for one in need.split(" | ")]
        return reasons[0] if all(reasons) else ""

    def _lacks_one(self, need: str) -> str:
        name, _, column = need.partition(".")
        covered = self.entities[name]
        if covered.availability == "absent":
            entity = self.model[name]
            return Text(
                "Needs {what}: connect {source} or map `{name}`.",
                what=entity.label,
                source=entity.connect,
                name=name,
            )
        if column and self.model[name].source_column(column) in covered.missing:
            reason = covered.missing[self.model[name].source_column(column)]
            return Text("Needs `{column}`: {reason}.", column=f"{name}.{column}", reason=reason)
        return ""

    def _entity(self, entity: Entity) -> EntityCoverage:
        native: list[str] = []
        derived: list[str] = []
        reasons: list[str] = []
        missing: dict[str, str] | None = None
        for source in self.sources:
            if entity.name not in source:
                continue
            why = self._absent(source, entity.name)
            if why:
                reasons.append(why)
                continue
            (derived if self._derived(source, entity.name) else native).append(source.name)
            lacking = self._missing_columns(source, entity)
            missing = (
                lacking
                if missing is None
                else {column: reason for column, reason in missing.items() if column in lacking}
            )
        derived += self.computed.get(entity.name, ())
        found = native + derived
        if not found and not reasons:
            reasons = ["no source maps it"]
        return EntityCoverage(
            entity=entity.name,
            label=entity.label,
            availability="native" if native else "derived" if derived else "absent",
            sources=tuple(found),
            reason="; ".join(reasons),
            missing=missing or {},
        )

    def _absent(self, source: MappedSource, entity: str) -> str:
        if source[entity].fault is not None:
            return f"{source.name}: its SELECT has a mistake, see `crmkpi doctor`"
        where = source.source.schema_ or "the warehouse"
        gone = sorted(source[entity].missing_tables)
        if not source.usable(entity):
            return f"{source.name}: table `{gone[0]}` is not in {where}"
        tables = {table for table, _ in source[entity].leaves.get("id", set())}
        if tables and all(source.raw.physical(table) is None for table in tables):
            return f"{source.name}: table `{sorted(tables)[0]}` is not in {where}"
        return ""

    def _derived(self, source: MappedSource, entity: str) -> bool:
        """A mapping names the tables without which it reconstructs: `derived_without: [...]`."""
        tables = source[entity].mapping.file.meta.get("derived_without") or []
        return bool(tables) and all(source.raw.physical(table) is None for table in tables)

    def _missing_columns(self, source: MappedSource, entity: Entity) -> dict[str, str]:
        leaves = source[entity.name].leaves
        missing: dict[str, str] = {}
        for column in entity.columns:
            if column in MANAGED or (column in leaves and not leaves[column]):
                continue
            if column not in leaves:
                companions = [n for n, c in entity.companions.items() if c.of == column]
                if not any(name in leaves for name in companions):
                    missing[column] = Text("{source} does not map it", source=source.name)
                continue
            if not any(source.raw.column(*leaf) for leaf in leaves[column]):
                table, name = sorted(leaves[column])[0]
                text, what = marked("{source} has no column `{what}`"), f"{table}.{name}"
                if source.raw.physical(table) is None:
                    text = marked("{source} has no table `{what}`; have the loader sync it")
                    what = table
                missing[column] = Text(text, source=source.name, what=what)
        return missing
