"""Virtual datasets: one per fact with its KPIs as metrics, one per filter with its values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.base.types import SUPERSET_TYPES, Type
from superset_crmkpi.bundle import record_links
from superset_crmkpi.bundle.formats import currency_format, number_format
from superset_crmkpi.bundle.record_links import RecordLinks
from superset_crmkpi.bundle.target import VERSION, Target, slug
from superset_crmkpi.catalogue.definitions import Catalog, Kpi, Metric
from superset_crmkpi.catalogue.display import owners_text, role_name, thresholds_text, whose_text
from superset_crmkpi.compile.compiler import HEADER, Compiler
from superset_crmkpi.compile.labels import LabelColumns, label_column
from superset_crmkpi.dashboards.spec import Filter
from superset_crmkpi.dialects import mean_stands_in
from superset_crmkpi.language.language import ENGLISH, Language
from superset_crmkpi.language.text import Text

Asset = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A dataset that was made: of which fact, and with which of its columns."""

    uuid: str
    name: str
    fact: str
    columns: tuple[str, ...]
    is_filter: bool = False


class Datasets:
    """Makes datasets when they are first asked for, into `made`."""

    def __init__(
        self,
        catalog: Catalog,
        compiler: Compiler,
        target: Target,
        why_not: Callable[[Kpi], str],
        links: RecordLinks | None = None,
    ) -> None:
        self.catalog = catalog
        self.compiler = compiler
        self.target = target
        self.why_not = why_not
        self.labels = LabelColumns(compiler)
        self.links = links or RecordLinks()
        self.say = catalog.language.say
        #: path -> content, of all that were asked for
        self.made: dict[str, dict[str, Any]] = {}
        self.shown: list[Shown] = []

    def of_fact(self, fact: str, audience: str = "") -> str:
        """Makes the dataset of a fact if need be; gives its uuid.

        Each audience has its own: who may query one of a dashboard's datasets finds that dashboard
        in the list, so one that two dashboards share would show people half of the other.
        """
        meta = self.catalog.facts[fact].meta
        labels = {**meta.dimensions, **meta.columns}
        name = self.target.table(audience, fact)
        path = f"datasets/{slug(self.target.database)}/{name}.yaml"
        uuid = self.target.uuid("dataset", f"{audience}/{fact}")
        if path not in self.made:
            types = self.compiler.shown(fact)
            self.shown.append(Shown(uuid, name, fact, tuple(types)))
            self.made[path] = self._asset(
                uuid,
                name,
                self.say(Text("{what}: {grain}.", what=meta.label, grain=meta.grain)),
                self.sql(fact),
                types,
                labels,
                self.labels.of(fact),
                meta.time,
                [self._metric(k) for k in self.catalog.kpis_of(fact) if not self.why_not(k)]
                + [self._measure(fact, name) for name in meta.measures],
            )
            if link := self.link(fact):
                column = record_links.column(link, self.catalog.language)
                self.made[path]["columns"].append(column)
        return uuid

    def columns_of(self, fact: str) -> dict[str, Type]:
        """The columns of the dataset of a fact with their types, label columns among them."""
        named = [label_column(column) for column in self.labels.of(fact)]
        return {**self.compiler.shown(fact), **dict.fromkeys(named, "text")}

    def link(self, fact: str) -> str | None:
        """SQL of the link to a row's record; None where no source of the profile can have one."""
        opens, compiler = self.catalog.facts[fact].meta.opens, self.compiler
        dialect, language = compiler.settings.dialect, self.catalog.language
        return self.links.expression(opens, compiler.model, dialect, language)

    def sql(self, fact: str, columns: Iterable[str] | None = None) -> str:
        """What reads the fact, all it shows or the columns named, with a comment on top."""
        wanted = self.compiler.shown(fact) if columns is None else columns
        if self.target.built_in is None:
            return self.compiler.fact(fact, wanted)
        return self.compiler.made_fact(fact, self.target.built_in, wanted)

    def of_filter(self, select: Filter) -> str:
        """Makes the dataset of a filter's values if need be; gives its uuid."""
        of = f"filter_{select.from_}_{select.column}"
        name = self.target.table(of)
        path = f"datasets/{slug(self.target.database)}/{name}.yaml"
        uuid = self.target.uuid("dataset", of)
        if path not in self.made:
            self.shown.append(Shown(uuid, name, select.from_, (select.column,), is_filter=True))
            body = self.compiler.fact(select.from_, [select.column]).partition("\n")[2]
            inner = "\n".join(f"  {line}" for line in body.splitlines())
            sql = (
                f"{HEADER.format(what=f'values of the filter {select.label}')}\n"
                f"SELECT DISTINCT {select.column} FROM (\n{inner}\n) AS fact_values"
            )
            self.made[path] = self._asset(
                uuid,
                name,
                self.say(Text("Values of the filter {name}.", name=select.label)),
                sql,
                {select.column: "text"},
                {select.column: self.say(select.label)},
                {k: v for k, v in self.labels.of(select.from_).items() if k == select.column},
                None,
                [],
            )
        return uuid

    def _asset(
        self,
        uuid: str,
        name: str,
        description: str,
        sql: str,
        columns: Mapping[str, str],
        labels: Mapping[str, str],
        shown: Mapping[str, str],
        time: str | None,
        metrics: list[dict[str, Any]],
    ) -> dict[str, Any]:
        return {
            "table_name": name,
            "main_dttm_col": time,
            "description": description,
            "default_endpoint": None,
            "offset": 0,
            "cache_timeout": None,
            "schema": self.target.schema,
            "sql": sql,
            "params": None,
            "template_params": None,
            "filter_select_enabled": True,
            "fetch_values_predicate": None,
            "extra": None,
            "normalize_columns": False,
            "always_filter_main_dttm": False,
            "uuid": uuid,
            "metrics": metrics,
            "columns": [
                made
                for column, kind in columns.items()
                for made in self._columns(column, kind, labels.get(column), shown.get(column))
            ],
            "version": VERSION,
            "database_uuid": self.target.uuid("database", self.target.database),
        }

    def _columns(
        self, name: str, kind: str, label: str | None, shown: str | None
    ) -> Iterator[Asset]:
        """A column; before it, where it has one, what people read of it, by the SQL `shown`."""
        verbose = label or name.replace("_", " ").capitalize()
        if shown is None:
            yield _column(name, kind, verbose, None)
            return
        yield _column(label_column(name), "text", verbose, shown)
        yield _column(name, kind, self.say(Text("{what} (code)", what=verbose)), None)

    def _metric(self, kpi: Kpi) -> dict[str, Any]:
        certified = {
            "certified_by": ", ".join(self.say(role_name(owner)) for owner in kpi.owners),
            "details": certification(kpi, self.catalog.language),
        }
        text = about([kpi], self.catalog.language)
        made = self._metric_asset(kpi.metric, self.compiler.expression(kpi), text)
        made["extra"] = {"certification": certified}
        if mean_stands_in(kpi.expression, self.compiler.settings.dialect):
            made["verbose_name"] = self.say(Text("{what} (mean)", what=made["verbose_name"]))
            warning = self.say("This database has no median: the mean is shown.")
            made["extra"]["warning_markdown"] = warning
        return made

    def _measure(self, fact: str, name: str) -> dict[str, Any]:
        metric = self.catalog.facts[fact].measure(name)
        return self._metric_asset(metric, self.compiler.measure(fact, metric.sql), metric.label)

    def _metric_asset(self, metric: Metric, expression: str, text: str) -> dict[str, Any]:
        money = metric.unit in ("money", "money per day")
        currency = currency_format(self.target.currency, self.catalog.language)
        return {
            "metric_name": metric.name,
            "verbose_name": metric.label,
            "metric_type": None,
            "expression": expression,
            "description": text,
            "d3format": number_format(metric),
            "currency": json.dumps(currency) if money else None,
            "extra": {},
            "warning_text": None,
        }


def _column(name: str, kind: str, verbose: str, expression: str | None) -> Asset:
    return {
        "column_name": name,
        "verbose_name": verbose,
        "is_dttm": kind in ("date", "timestamp"),
        "is_active": True,
        "type": SUPERSET_TYPES[kind],
        "groupby": True,
        "filterable": True,
        "expression": expression,
        "description": None,
        "python_date_format": None,
        "extra": {},
    }


def certification(kpi: Kpi, language: Language = ENGLISH) -> str:
    """What stands behind the sign of certification: the definition, and whose it is."""
    return " ".join(filter(None, [kpi.meta.definition, whose_text(kpi, language)]))


def about(kpis: Sequence[Kpi], language: Language = ENGLISH) -> str:
    """What stands behind the info sign: formula, owner, review, thresholds, action."""
    return "\n\n".join(_about(kpi, language) for kpi in kpis)


def _about(kpi: Kpi, language: Language) -> str:
    meta, say = kpi.meta, language.say
    owner, review, refresh = owners_text(kpi, language), say(meta.review), say(meta.refresh)
    lines = [
        say(Text("{kpi}: {question}", kpi=meta.label, question=meta.question)),
        say(Text("Definition: {definition}", definition=meta.definition)),
        say(
            Text(
                "Owner: {owner}. Review: {review}. Refresh: {refresh}.",
                owner=owner,
                review=review,
                refresh=refresh,
            )
        ),
    ]
    if meta.thresholds is not None:
        levels = thresholds_text(meta, language)
        lines.append(say(Text("{levels}.", levels=levels)))
    lines.append(say(Text("When it gets worse: {action}", action=meta.action)))
    if kpi.whose:
        lines.append(whose_text(kpi, language))
    return "\n".join(lines)
