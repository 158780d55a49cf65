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
        columns: Collection[str],
        followers: Collection[str] = (),
    ) -> None:
        self.entity = entity
        #: sources whose accounts may be another source's
        self.followers = followers
        self.source = source
        self.types = types
        self.settings = settings
        asked = [name for name in entity.schema if name in columns]
        references = [name for name in asked if name in types and self._follows(name)]
        #: reference to an account -> alias of a join to what it was matched with
        self.matches = {name: f"a{n}" for n, name in enumerate(references, start=1)}
        dates = dict.fromkeys(entity.money[of] for of in map(self._converted, asked) if of)
        #: the dates a rate is taken at -> alias of a join to fx
        self.rates = {given: f"fx{n}" for n, given in enumerate(dates, start=1)}

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
        column = self._typed(name)
        if name == "currency":
            default = self.source.source.currency or self.settings.currency
            return exp.func("coalesce", column, exp.Literal.string(default))
        target = self.entity.name if name == "id" else None
        if name in self.entity.columns:
            target = target or self.entity.columns[name].references
        if target is None:
            return column
        own = prefixed(self._owner(name, target), column)
        if name not in self.matches:
            return own
        return exp.func("coalesce", exp.column("account_id", self.matches[name]), own)

    def _typed(self, name: str) -> exp.Expression:
        """A mapped column as the type of the model."""
        wanted, given = self.entity.schema[name], self.types[name]
        zone = self.settings.calendar.time_zone
        column: exp.Expression = exp.column(name, "m")
        if given == "date" and wanted == "timestamp":
            # a day is one of the reporting time zone: its midnight UTC may be the day before there
            return dialects.call("crm_utc", exp.cast(column, wanted), zone)
        if given == "timestamp" and wanted == "date":
            return dialects.call("crm_local_date", column, zone)
        return column if given == wanted else exp.cast(column, wanted)

    def own_id(self, name: str) -> exp.Expression:
        """A reference as it is before matching."""
        target = self.entity.columns[name].references
        assert target is not None
        column = self._typed(name)
        return prefixed(self._owner(name, target), column)

    def _owner(self, name: str, target: str) -> str:
        """The source whose ids a column holds."""
        own = self.source.name
        return own if name == "id" else self.source.source.links.get(target, own)

    def _follows(self, name: str) -> bool:
        """Whether a column refers to accounts that may be another source's."""
        column = self.entity.columns.get(name)
        if name == "id" or column is None or column.references != "account":
            return False
        return self._owner(name, "account") in self.followers

    def _converted(self, name: str) -> str | None:
        """The money column that `name` is in the reporting currency, by a rate of its own."""
        companion = self.entity.companions.get(name)
        if companion is None or companion.kind != "base" or name in self.types:
            return None
        return companion.of if {companion.of, "currency"} <= set(self.types) else None

    def _companion(self, companion: Companion) -> exp.Expression:
        if companion.kind == "date" and self.types.get(companion.of) == "date":
            return exp.column(companion.of, "m")  # there and back is the same day
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
        alias = self.rates[self.entity.money[name]]
        same = exp.EQ(this=self._column("currency"), expression=exp.Literal.string(reporting))
        rate = exp.case().when(same, exp.Literal.number("1.0")).else_(exp.column("rate", alias))
        return exp.Mul(this=amount, expression=rate)

    def rated_currency(self) -> exp.Expression:
        """The currency whose rate counts; the reporting currency, which needs none, may be null."""
        default = self.source.source.currency or self.settings.currency
        own = exp.column("currency", "m")
        return own if default == self.settings.currency else self._column("currency")

    def first_date(self, dates: tuple[str, ...]) -> exp.Expression:
        """The first known of some date columns."""
        known = [self.of(name) for name in dates if self._date_known(name)]
        if not known:
            return exp.cast(exp.null(), "date")
        return known[0] if len(known) == 1 else exp.func("coalesce", *known)

    def _date_known(self, name: str) -> bool:
        companion = self.entity.companions.get(name)
        return name in self.types or (companion is not None and companion.of in self.types)
