"""A profile brought to life: its warehouse, connectors and compilers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from sqlalchemy.engine import Engine, make_url

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import MASK, expand_uri
from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.bundle.addresses import addresses
from superset_crmkpi.bundle.alerts import AlertMaker
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.row_rules import VIEWERS
from superset_crmkpi.bundle.target import database_asset
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.catalogue.definitions import Catalog, Thresholds
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.catalogue.spoken import in_language
from superset_crmkpi.catalogue.tree import with_tree
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.coverage import Coverage
from superset_crmkpi.compile.dimensions import filters_of, with_columns, with_dimensions
from superset_crmkpi.compile.live import LiveRelations
from superset_crmkpi.compile.matching import ENTITY, AccountMatching
from superset_crmkpi.compile.relations import BuiltRelations, Relations
from superset_crmkpi.connectors import profile_source
from superset_crmkpi.connectors.connector import Connector
from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.connectors.selected import user_selects
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.dashboards.for_profile import answered, fitted
from superset_crmkpi.dashboards.personal import impersonal
from superset_crmkpi.dashboards.spec import Dashboard, Filter, Spec, facts_of, load_specs
from superset_crmkpi.dialects import dialect_of
from superset_crmkpi.language.language import Language, language
from superset_crmkpi.language.numbers import currency_symbol
from superset_crmkpi.plugins.definitions import Folders, beside
from superset_crmkpi.profile.fields import in_source
from superset_crmkpi.profile.packs import Pack, chosen_packs, with_thresholds
from superset_crmkpi.profile.schema import WEEKDAYS, Profile, Source
from superset_crmkpi.project.bundling import alerts_of, made_bundle, target_of
from superset_crmkpi.project.remember import remembered
from superset_crmkpi.warehouse.connect import Snapshot, connect, existing_schemas, snapshot


class Project:
    """Everything that follows from a profile and the warehouse it names.

    `connectors` stand in for installed ones of their names.
    """

    def __init__(
        self, profile: Profile, engine: Engine | None = None, connectors: Sequence[Connector] = ()
    ) -> None:
        self.profile = profile
        self._engine = engine
        self.stand_ins = {connector.name: connector for connector in connectors}

    @cached_property
    def engine(self) -> Engine:
        """The warehouse. CrmKpiError when the profile gives no URI or it cannot be reached."""
        if self._engine is not None:
            return self._engine
        if self.profile.database.uri is None:
            others = ", ".join(self.profile.environments)
            remedy = f", or choose an environment by --environment: {others}" if others else ""
            raise CrmKpiError(
                "`database.uri` is missing; add it, with ${VARIABLE} in place of the password"
                f"{remedy}"
            )
        return connect(self.profile.database.uri)

    @cached_property
    def folders(self) -> Folders:
        """Whose definitions hold here: ours, those of plugins, and the profile's own."""
        return beside(self.profile.definitions)

    @cached_property
    def model(self) -> dict[str, Entity]:
        """The canonical model, and the columns that the profile's `fields` add."""
        return with_columns(load_model(self.folders), self.profile.fields)

    @cached_property
    def shipped(self) -> Catalog:
        """The catalogue as its files have it."""
        return load_catalog(self.folders)

    @cached_property
    def extended(self) -> Catalog:
        """The shipped catalogue whose facts have the profile's fields as dimensions."""
        return with_dimensions(self.shipped, self.model, self.profile.fields)

    @cached_property
    def language(self) -> Language:
        """What people read dashboards in. CrmKpiError when there are no messages in it."""
        return language(self.profile.language, self.folders)

    @cached_property
    def judged(self) -> Catalog:
        """The extended catalogue with the thresholds of packs and profile, in its language."""
        of_packs = {name: levels for pack in self.packs for name, levels in pack.thresholds.items()}
        own = {
            name: Thresholds(warn=levels.warn, act=levels.act)
            for name, levels in self.profile.thresholds.items()
        }
        judged = with_thresholds(self.extended, {**of_packs, **own})
        return in_language(judged, self.language)

    @cached_property
    def scored(self) -> Catalog:
        """The judged catalogue, and the scorecard over the KPIs that can be computed here."""
        available = [name for name, kpi in self.coverage.kpis.items() if kpi.available]
        return with_scorecard(self.judged, self.governance, available)

    @cached_property
    def catalog(self) -> Catalog:
        """The scored catalogue, and the tree over all its KPIs."""
        stand = addresses(self._boards, target_of(self.profile))
        return with_tree(self.scored, stand, self.coverage.why_not)

    @cached_property
    def governance(self) -> Governance:
        """What profile and packs say of KPIs beside the catalogue."""
        scorecards = [pack.scorecard for pack in self.packs if pack.scorecard is not None]
        return Governance(
            self.profile.targets,
            {role: owner.name for role, owner in self.profile.owners.items()},
            currency_symbol(self.profile.currency.reporting),
            self.profile.scorecard or (scorecards[-1] if scorecards else None),
        )

    @cached_property
    def packs(self) -> list[Pack]:
        return chosen_packs(self.profile.packs, self.folders)

    @cached_property
    def specs(self) -> list[Spec]:
        """The dashboards as their files have them."""
        return load_specs(self.scored, self.folders)

    def fitted(self, board: Dashboard) -> Dashboard:
        """A dashboard as its file has it, without what has no data here, as the packs want it."""
        return fitted(answered(board, self.coverage.lacks), self.packs)

    @cached_property
    def _boards(self) -> list[Dashboard]:
        return [self.fitted(spec.board) for spec in self.specs]

    @cached_property
    def _own_filters(self) -> list[Filter]:
        return [
            Filter.model_validate({"label": label, "column": column, "from": fact})
            for label, column, fact in filters_of(self.shipped, self.model, self.profile.fields)
        ]

    def shown(self, board: Dashboard) -> Dashboard:
        """A fitted dashboard with filters by the profile's fields, and what may be seen of it."""
        whole = board.model_copy(update={"filters": [*board.filters, *self._own_filters]})
        return whole if self.profile.personal_data else impersonal(whole, self.catalog)

    @cached_property
    def dashboards(self) -> list[Dashboard]:
        """The dashboards as they are installed."""
        return [self.shown(board) for board in self._boards]

    @cached_property
    def settings(self) -> CompileSettings:
        calendar = self.profile.calendar
        return CompileSettings(
            dialect=dialect_of(self.engine.name),
            calendar=CalendarSettings(
                time_zone=calendar.time_zone,
                week_start=WEEKDAYS.index(calendar.week_start) + 1,
                fiscal_year_start=calendar.fiscal_year_start,
                today=calendar.today,
            ),
            values={
                **self.profile.settings,
                "team_managers": self.profile.access.team_managers,
            },
            currency=self.profile.currency.reporting,
            personal_data=self.profile.personal_data,
        )

    @cached_property
    def snapshot(self) -> Snapshot:
        """Tables of the sources' schemas. CrmKpiError when a schema does not exist."""
        wanted: dict[str, str] = {}
        for name, source in self.profile.sources.items():
            if source.schema_:
                wanted[source.schema_] = f"sources.{name}.schema"
            for table, where in source.tables.items():
                schema, _, _ = where.rpartition(".")
                if schema:
                    wanted[schema] = f"sources.{name}.tables.{table}"
        there = existing_schemas(self.engine)
        for schema, key in wanted.items():
            if schema not in there:
                near = ", ".join(sorted(there - {"information_schema", "pg_catalog"}))
                raise CrmKpiError(f"`{key}: {schema}`: no such schema; there are: {near}")
        return snapshot(self.engine, wanted)

    @cached_property
    def connected(self) -> list[MappedSource]:
        """The sources that the profile lists."""
        dialect = self.settings.dialect
        bound = [
            MappedSource.bind(
                name,
                source,
                self.connector_of(source),
                self.snapshot,
                dialect,
                self.model,
                in_source(self.profile.fields, name),
                self.profile.calendar.time_zone,
            )
            for name, source in self.profile.sources.items()
        ]
        self._describe(bound)
        return bound

    @cached_property
    def sources(self) -> list[MappedSource]:
        """The sources, with the profile itself as the last."""
        bound = list(self.connected)
        self._check_fields_are_given(bound)
        rows = profile_source.profile_rows(self.profile)
        lacking = Coverage(self.model, self.shipped, bound).unmapped_fields()
        if lacking:
            rows["data_quality_field"] = lacking
        own = Source.model_validate({"connector": profile_source.NAME, **rows})
        bound.append(
            MappedSource.bind(
                "profile", own, connector(own.connector), Snapshot(), self.settings.dialect
            )
        )
        return bound

    def _describe(self, bound: Sequence[MappedSource]) -> None:
        """Ask the warehouse for the columns of the SELECTs of the user's own."""
        selects = user_selects(bound)
        if not selects:
            return
        with self.engine.connect() as connection:
            for entity in selects:
                entity.describe(connection)

    def check_selects(self) -> None:
        """CrmKpiError of the first SELECT of the user's own by which nothing can be read."""
        for entity in user_selects(self.sources):
            if entity.fault is not None:
                raise entity.fault

    def _check_fields_are_given(self, bound: Sequence[MappedSource]) -> None:
        """Each column of the profile's own comes from some source, be it a SELECT of the user's."""
        for name in self.profile.fields:
            entity, _, column = name.partition(".")
            mapped = [s[entity] for s in bound if entity in s]
            if not any(m.fault or (m.usable and column in m.emits) for m in mapped):
                raise CrmKpiError(
                    f"`fields.{name}`: no source gives it; say where it lies, by `from`"
                )

    def connector_of(self, source: Source) -> Connector:
        """The connector of a source."""
        return self.stand_ins.get(source.connector) or connector(source.connector)

    @cached_property
    def matching(self) -> AccountMatching | None:
        """How accounts of several sources are told to be one; None where the profile has no rule.

        Domains that many companies share (web mail) are those of the duplicates.
        """
        if self.profile.accounts is None:
            return None
        default = self.shipped.facts["record_duplicates"].meta.settings["shared_domains"].default
        shared = self.profile.settings.get("shared_domains", default)
        return AccountMatching(self.profile.accounts, self.sources, shared)

    @cached_property
    def live(self) -> Compiler:
        """Compiles with mappings inlined."""
        relations = LiveRelations(self.model, self.sources, self.settings, self.matching)
        return Compiler(self.model, self.catalog, relations, self.settings)

    @cached_property
    def built(self) -> Compiler:
        """Compiles over the tables of `crmkpi build`."""
        relations: Relations = BuiltRelations(self.profile.schema_)
        return Compiler(self.model, self.catalog, relations, self.settings)

    @property
    def compiler(self) -> Compiler:
        """The compiler of the profile's mode."""
        return self.live if self.profile.mode == "live" else self.built

    @cached_property
    def alerts(self) -> AlertMaker | None:
        """What makes the profile's alerts; None without any."""
        return alerts_of(self)

    @cached_property
    def coverage(self) -> Coverage:
        """What the sources can answer."""
        matched = tuple(self.profile.accounts.sources) if self.profile.accounts else ()
        return Coverage(
            self.model, self.shipped, self.sources, {ENTITY: matched}, self.profile.settings
        )

    @property
    def install_uri(self) -> str | None:
        """The warehouse's URI for Superset to keep; None for a connection that it has already."""
        uri = self.profile.database.uri
        return expand_uri(uri) if uri is not None else None

    @property
    def shown_uri(self) -> str:
        """The URI for a file: the password masked as Superset masks it."""
        url = make_url(str(self.engine.url) if self.install_uri is None else self.install_uri)
        masked = url.set(password=MASK) if url.password else url
        return str(masked.render_as_string(hide_password=False))

    def bundle(self, uri: str | None = None) -> Bundle:
        """All dashboards for this warehouse. `uri` makes the database part of the bundle."""
        without = Bundle.from_dict(remembered(self, "bundle", lambda: made_bundle(self)))
        # the URI holds a secret: it is put in here, beyond what is kept
        database = database_asset(replace(target_of(self.profile), uri=uri))
        return replace(without, assets={**without.assets, **database})

    @property
    def facts_shown(self) -> list[str]:
        """The facts that the dashboards read, and the rules over them."""
        shown = facts_of(self.dashboards, self.catalog)
        return [*shown, VIEWERS] if self.profile.access.is_by_owner else shown
