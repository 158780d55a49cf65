"""The finish that mapped columns of all sources share: ids, types, days, minutes, money."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import Companion, Entity
from superset_crmkpi.compile.matching import prefixed
from superset_crmkpi.connectors.source import MappedSource


class Values:
    """The finished value of each column of one entity from one source."""

    def __init__(
        self,
        entity: Entity,
        source: MappedSource,
        types: Mapping[str, str],
        settings: CompileSettings,
        followers: Collection[str] = (),
    ) -> None:
        self.entity = entity
        #: sources whose accounts may be another source's
        self.followers = followers
        #: reference to an account -> alias of a join to what it was matched with, and its own id
        self.matches: dict[str, tuple[str, exp.Expression]] = {}
        self.source = source
        self.types = types
        self.settings = settings
        #: alias of a join to fx -> the dates its rate is taken at
        self.rates: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> exp.Expression:
        companion = self.entity.companions.get(name)
        if name in self.types:
            return self._column(name)
        if companion is not None and self._has(companion.of):
            return self._companion(companion)
        if name == "source_system":
            return exp.Literal.string(self.source.connector.name)
        if name == "source_id":
            return exp.cast(exp.column("id", "m"), "text")
        if name == "is_deleted":
            return exp.false()
        return exp.cast(exp.null(), self.entity.schema[name])

    def _has(self, name: str) -> bool:
        return name in self.types or name in ("source_id",)

    def _column(self, name: str) -> exp.Expression:
        wanted = self.entity.schema[name]
        column: exp.Expression = exp.column(name, "m")
        if self.types[name] == "date" and wanted == "timestamp":
            # a day is one of the reporting time zone: its midnight UTC may be the day before there
            midnight = exp.cast(column, wanted)
            column = dialects.call("crm_utc", midnight, self.settings.calendar.time_zone)
        elif self.types[name] == "timestamp" and wanted == "date":
            column = dialects.call("crm_local_date", column, self.settings.calendar.time_zone)
        elif self.types[name] != wanted:
            column = exp.cast(column, wanted)
        if name == "currency":
            default = self.source.source.currency or self.settings.currency
            return exp.func("coalesce", column, exp.Literal.string(default))
        target = self.entity.name if name == "id" else None
        if name in self.entity.columns:
            target = target or self.entity.columns[name].references
        if target is None:
            return column
        owner = self.source.source.links.get(target, self.source.name)
        if name == "id":
            owner = self.source.name
        own = prefixed(owner, column)
        if name == "id" or target != "account" or owner not in self.followers:
            return own
        alias, _ = self.matches.setdefault(name, (f"a{len(self.matches) + 1}", own))
        return exp.func("coalesce", exp.column("account_id", alias), own.copy())

    def _companion(self, companion: Companion) -> exp.Expression:
        base = self._column(companion.of)
        zone = self.settings.calendar.time_zone
        if companion.kind == "base":
            return self._money(companion.of, base)
        if companion.kind == "epoch":
            return dialects.call("crm_epoch", base)
        if self.entity.columns[companion.of].type == "date":
            return base
        return dialects.call(f"crm_local_{companion.kind}", base, zone)

    def _money(self, name: str, amount: exp.Expression) -> exp.Expression:
        reporting = self.settings.currency
        default = self.source.source.currency or reporting
        if "currency" not in self.types and default == reporting:
            return amount
        if "currency" not in self.types:
            raise CrmKpiError(
                f"sources.{self.source.name}.currency: {default} needs "
                f"`{self.entity.name}.currency` to be mapped"
            )
        dates = self.entity.money[name]
        alias = next((a for a, d in self.rates.items() if d == dates), None)
        if alias is None:
            alias = f"fx{len(self.rates) + 1}"
            self.rates[alias] = dates
        same = exp.EQ(this=self._column("currency"), expression=exp.Literal.string(reporting))
        rate = exp.case().when(same, exp.Literal.number("1.0")).else_(exp.column("rate", alias))
        return exp.Mul(this=amount, expression=rate)

    def first_date(self, dates: tuple[str, ...]) -> exp.Expression:
        """The first known of some date columns."""
        known = [self.of(name) for name in dates if self._date_known(name)]
        if not known:
            return exp.cast(exp.null(), "date")
        return known[0] if len(known) == 1 else exp.func("coalesce", *known)

    def _date_known(self, name: str) -> bool:
        companion = self.entity.companions.get(name)
        return name in self.types or (companion is not None and companion.of in self.types)
