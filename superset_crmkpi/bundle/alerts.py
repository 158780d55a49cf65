"""Alerts and reports as assets: `alerts/<name>.yaml`, and the dataset and charts their mails show.

An alert asks one SELECT that always gives one row with one number: what is not known, and what has
no rows, are numbers that are told as well (see catalogue/alerts.py). No import of Superset takes
alerts; the installer makes them by Superset's own commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlglot import exp

from superset_crmkpi.bundle import charts
from superset_crmkpi.bundle.datasets import Datasets, about
from superset_crmkpi.bundle.labelled import labelled
from superset_crmkpi.bundle.query_context import query_context
from superset_crmkpi.bundle.recipients import Told, recipients
from superset_crmkpi.bundle.target import VERSION, Target, slug
from superset_crmkpi.catalogue import alerts as fact
from superset_crmkpi.catalogue import scorecard
from superset_crmkpi.catalogue.definitions import Catalog, Kpi
from superset_crmkpi.catalogue.display import thresholds_text
from superset_crmkpi.catalogue.scorecard import Governance
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.dashboards.spec import Dashboard, Tile
from superset_crmkpi.language.text import Text
from superset_crmkpi.profile.alerts import Alerts
from superset_crmkpi.query.templates import untemplated

Asset = dict[str, Any]
#: stands for the address of the dashboard, which only that Superset knows
DASHBOARD_LINK = "[[dashboard]]"
COLUMNS = ["kpi", "state", "now_text", "threshold", "before_text", "year_ago_text"]
COLUMNS += ["owner", "next_review_date", "action"]
#: of a list whose table has no rows at all
NO_ROWS = -1
#: Superset takes no longer ones
LONGEST_NAME = 150


@dataclass(frozen=True)
class AlertMaker:
    """Makes the alerts of a profile over what its dashboards show.

    `compiler_of` gives a compiler of a catalogue; `why_not` tells why a KPI cannot be had (or "").
    """

    alerts: Alerts
    told: Told
    governance: Governance
    compiler_of: Callable[[Catalog], Compiler]
    catalog: Catalog
    target: Target
    dashboards: Sequence[Dashboard]
    time_zone: str
    why_not: Callable[[Kpi], str]

    @cached_property
    def watched(self) -> list[Kpi]:
        """The KPIs that get an alert: judged by thresholds, to be had, and with recipients."""
        return [kpi for kpi in self._wanted if not self._why_untold(kpi)]

    @property
    def notes(self) -> list[str]:
        """What of the profile's `alerts` leads to no alert, a line each."""
        reasons: dict[str, list[str]] = {}
        for kpi in self._wanted:
            if reason := self._why_untold(kpi):
                reasons.setdefault(reason, []).append(kpi.name)
        lines = [f"no alert for {', '.join(names)}: {why}" for why, names in reasons.items()]
        for name in self.alerts.lists:
            if self._list_of(name) is None:
                why = self.why_not(self._kpi(name)) or "no dashboard shows it"
                lines.append(f"no alert for the list {name}: {why}")
            elif not self._recipients(self.catalog.kpis[name].owners):
                lines.append(f"no alert for the list {name}: {self._nobody(name)}")
        if self.alerts.digest is not None and not self._digest_recipients:
            lines.append("no digest: it has no recipients; add `alerts.digest.recipients`")
        return lines

    def make(self, shown: Iterable[str]) -> dict[str, Asset]:
        """All assets by path; `shown`: the uuids of the charts that dashboards show."""
        charts_there = set(shown)
        made: dict[str, Asset] = {}
        for kpi in self.watched:
            made |= self._of_kpi(kpi)
        for name in self.alerts.lists:
            found = self._list_of(name)
            if found is not None and self._recipients(self.catalog.kpis[name].owners):
                made[f"alerts/list_{slug(name)}.yaml"] = self._of_list(name, *found)
        digest = self._digest()
        if digest is not None:
            made["alerts/digest.yaml"] = digest
        return {
            path: content
            for path, content in made.items()
            if not path.startswith("alerts/list_") or content["chart_uuid"] in charts_there
        }

    def say(self, text: str) -> str:
        return self.catalog.language.say(text)

    # -- who and what ----------------------------------------------------------------------------

    @cached_property
    def _wanted(self) -> list[Kpi]:
        if self.alerts.kpis is not None:
            return [self.catalog.kpis[name] for name in self.alerts.kpis]
        named = [name for board in self.dashboards for tile in board.tiles for name in tile.kpi]
        kpis = [self.catalog.kpis[name] for name in dict.fromkeys(named)]
        return [kpi for kpi in kpis if kpi.meta.thresholds is not None and not self.why_not(kpi)]

    def _why_untold(self, kpi: Kpi) -> str:
        return self.why_not(kpi) or ("" if self._recipients(kpi.owners) else self._nobody(kpi.name))

    def _nobody(self, kpi: str) -> str:
        role = self.catalog.kpis[kpi].owners[0]
        return (
            f"nobody is told for {role}; add `alerts.recipients.{role}` or "
            f"`alerts.recipients.default`"
        )

    def _recipients(self, roles: Sequence[str]) -> list[Asset]:
        return recipients(self.told, roles)

    def _board_of(self, kpi: str) -> Dashboard:
        shown = (b for b in self.dashboards if any(kpi in tile.kpi for tile in b.tiles))
        return next(shown, self.dashboards[0])

    def _list_of(self, kpi: str) -> tuple[Dashboard, Tile] | None:
        return next(
            (
                (board, tile)
                for board in self.dashboards
                for tile in board.tiles
                if tile.kpi == [kpi] and tile.chart == "list" and not self.why_not(self._kpi(kpi))
            ),
            None,
        )

    def _kpi(self, name: str) -> Kpi:
        return self.catalog.kpis[name]

    # -- assets ----------------------------------------------------------------------------------

    def _of_kpi(self, kpi: Kpi) -> dict[str, Asset]:
        """A dataset of the KPI's one row, a chart of it for the mail, and the alert on it."""
        name = f"alert_{kpi.name}"
        alone = fact.with_alerts(self.catalog, self.governance, [kpi.name], name)
        compiler = self.compiler_of(alone)
        # in built mode too from the canonical tables: `crmkpi build` makes no view of it
        datasets = Datasets(alone, compiler, replace(self.target, built_in=None), lambda _: "")
        dataset = datasets.of_fact(name)
        title = self.say(Text("Alert: {kpi}", kpi=kpi.meta.label))
        tile = Tile(fact=name, chart="list", title=title, columns=COLUMNS)
        columns = datasets.columns_of(name)
        params = charts.params(
            labelled(tile, columns),
            [],
            columns,
            None,
            self.target.currency,
            self.catalog.language,
        )
        chart = {
            "slice_name": title,
            "description": about([kpi], self.catalog.language),
            "viz_type": params["viz_type"],
            "params": params,
            "query_context": query_context(params),
            "cache_timeout": None,
            "uuid": self.target.uuid("chart", f"alert/{kpi.name}"),
            "version": VERSION,
            "dataset_uuid": dataset,
        }
        return {
            **datasets.made,
            f"charts/alert_{slug(kpi.name)}.yaml": chart,
            f"alerts/{slug(kpi.name)}.yaml": self._alert(kpi, compiler.fact(name), chart["uuid"]),
        }

    def _alert(self, kpi: Kpi, rows: str, chart: str) -> Asset:
        sql = f"SELECT COALESCE(MAX(alert), {fact.NO_ROWS}) AS alert\nFROM (\n{rows}\n) AS watched"
        least = fact.WARN if self.alerts.level == "warn" else fact.ACT
        meta = kpi.meta
        text = self.say(
            Text(
                "{kpi}: {question} {levels}. The table says what it is now; where it says "
                "`{not_known}` or `{no_rows}`, it could not be computed.",
                not_known="Not known",
                no_rows="No rows",
                kpi=meta.label,
                question=meta.question,
                levels=thresholds_text(meta, self.catalog.language),
            )
        )
        subject = self.say(Text("{kpi} is past its threshold, or not known", kpi=meta.label))
        return {
            **self._schedule(kpi.name, meta.label, subject, text, kpi, self._board_of(kpi.name)),
            **self._asked(sql, ">=", least),
            "crontab": self.alerts.times(meta.review.split()[0]),
            "recipients": self._recipients(kpi.owners),
            "chart_uuid": chart,
        }

    def _of_list(self, name: str, board: Dashboard, tile: Tile) -> Asset:
        kpi = self._kpi(name)
        title = self.say(tile.title) if tile.title else kpi.meta.label
        text = self.say(Text("{title}. The table is the list of today.", title=title))
        label = self.say(Text("list of {kpi}", kpi=kpi.meta.label))
        return {
            **self._schedule(f"list/{name}", label, title, text, kpi, board),
            **self._asked(self._listed(tile, kpi), "!=", 0),
            "crontab": self.alerts.times("daily"),
            "recipients": self._recipients(kpi.owners),
            "chart_uuid": self.target.uuid("chart", f"{board.slug}/{tile.name}"),
        }

    def _listed(self, tile: Tile, kpi: Kpi) -> str:
        """How many rows the list has."""
        compiler = self.compiler_of(self.catalog)
        parts = [
            exp.column(column).isin(*value)
            if isinstance(value, list)
            else exp.column(column).eq(value)
            for column, value in tile.where.items()
        ]
        dialect = compiler.settings.dialect
        condition = untemplated(exp.and_(*parts)).sql(dialect=dialect)
        rows = compiler.fact(tile.fact or kpi.fact, list(tile.where))
        return (
            f"SELECT CASE WHEN COUNT(*) = 0 THEN {NO_ROWS} "
            f"ELSE SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) END AS alert\n"
            f"FROM (\n{rows}\n) AS listed"
        )

    @property
    def _digest_recipients(self) -> list[Asset]:
        digest = self.alerts.digest
        if digest is None:
            return []
        return recipients(self.told, ["ceo"], digest.recipients)

    def _digest(self) -> Asset | None:
        """The scorecard as a table, before the meeting."""
        for board in self.dashboards if self._digest_recipients else ():
            for tile in board.tiles:
                if tile.fact == scorecard.NAME and tile.chart == "list":
                    return self._of_digest(board, tile)
        return None

    def _of_digest(self, board: Dashboard, tile: Tile) -> Asset:
        assert self.alerts.digest is not None
        title = self.say(board.title)
        text = f"{title}: {self.say(tile.title or '')}."
        made = self._schedule("digest", title, title, text, None, board)
        return {
            **made,
            "type": "Report",
            "crontab": self.alerts.digest.crontab,
            "recipients": self._digest_recipients,
            "chart_uuid": self.target.uuid("chart", f"{board.slug}/{tile.name}"),
        }

    def _asked(self, sql: str, operator: str, number: int) -> Asset:
        return {
            "database_uuid": self.target.uuid("database", self.target.database),
            "sql": sql,
            "validator_type": "operator",
            "validator_config_json": {"op": operator, "threshold": float(number)},
        }

    def _schedule(
        self, key: str, label: str, subject: str, text: str, kpi: Kpi | None, board: Dashboard
    ) -> Asset:
        """What all have; `grace_period` is shorter than any rhythm of ours, so none is missed."""
        parts = [text, *(self._whose(kpi) if kpi is not None else [])]
        board_line = self.say(Text("Dashboard: {link}", link=DASHBOARD_LINK))
        return {
            "name": _plain(f"{self.target.name}: {label}")[:LONGEST_NAME],
            "type": "Alert",
            "description": _plain(" ".join([*parts, board_line])),
            "email_subject": _plain(subject)[:LONGEST_NAME],
            "active": True,
            "timezone": self.time_zone,
            "grace_period": 3600,
            "working_timeout": 3600,
            "log_retention": 90,
            "report_format": "TEXT",
            "dashboard_uuid": self.target.uuid("dashboard", board.slug),
            "uuid": self.target.uuid("alert", key),
            "version": VERSION,
        }

    def _whose(self, kpi: Kpi) -> list[str]:
        owners = scorecard.owners_of(kpi, self.governance, self.catalog.language)
        meta = kpi.meta
        lines = [
            Text("Owner: {owner}.", owner=owners),
            Text("Review: {review}.", review=meta.review),
            Text("What to do: {action}", action=meta.action),
        ]
        return [self.say(line) for line in lines]


def _plain(text: str) -> str:
    """The text where nothing in it is a template of Superset's."""
    for mark in "{%#":
        text = text.replace("{" + mark, "{ " + mark)
    return text
