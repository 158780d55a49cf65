"""Dashboards as they are exported by a Superset in whose pages people changed them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.bundle.addresses import addresses
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.catalogue.spoken import in_language
from superset_crmkpi.catalogue.tree import with_tree
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.for_profile import answered, fitted
from superset_crmkpi.dashboards.personal import impersonal
from superset_crmkpi.dashboards.spec import Dashboard, Tile, load_specs
from superset_crmkpi.language.language import language
from superset_crmkpi.plugins.definitions import beside, built_in
from superset_crmkpi.profile.packs import chosen_packs
from superset_crmkpi.pull.export import read_export
from superset_crmkpi.pull.making import Making
from superset_crmkpi.pull.pulled import PulledBoard, pull
from superset_crmkpi.pull.writing import to_text

Edit = Callable[["Page"], None]
TARGET = Target(name="Oak", label="Oak", database="Oak warehouse", uri=None, schema="crmkpi")
#: what the profile of these tests has no data for: its tiles are texts
LACKING = "training_completion"
PIPELINE, OVERDUE = "crm-pipeline", "overdue_tasks_list"
SLUGS = ("crm-campaigns", "crm-customer-health", "crm-executive", "crm-pipeline", "crm-trust")


@lru_cache(maxsize=2)
def _parts(spoken: str) -> tuple[Any, ...]:
    catalog, model = load_catalog(built_in()), load_model(built_in())
    catalog = in_language(catalog, language(spoken, built_in()))
    catalog = with_scorecard(catalog, Governance({}, {}), list(catalog.kpis))
    specs = load_specs(catalog, built_in())
    catalog = with_tree(catalog, addresses([s.board for s in specs], TARGET), lambda kpi: "")
    compiler = Compiler(model, catalog, BuiltRelations("crmkpi"), CompileSettings())

    return catalog, specs, compiler


def making(
    *packs: str,
    folder: Path | None = None,
    personal: bool = False,
    lacks: str = "account_match",
    lacking: str = LACKING,
    spoken: str = "en",
) -> Making:
    """As a profile with these packs has it; with the specs of a folder of its own."""
    catalog, specs, compiler = _parts(spoken)
    if folder is not None:
        specs = load_specs(catalog, beside([folder]))
    chosen = chosen_packs(list(packs))

    def why_not(kpi: Kpi) -> str:
        return "Connect a school." if kpi.name == lacking else ""

    maker = BundleMaker(catalog, compiler, TARGET, why_not)

    def fit(board: Dashboard) -> Dashboard:
        return fitted(answered(board, lambda need: need if need == lacks else ""), chosen)

    def show(board: Dashboard) -> Dashboard:
        return board if personal else impersonal(board, catalog)

    return Making(specs, fit, show, maker, personal)


def spec(made: Making, slug: str) -> Dashboard:
    return next(spec.board for spec in made.specs if spec.board.slug == slug)


def assets(made: Making, board: Dashboard) -> dict[str, dict[str, Any]]:
    """What becomes of a spec, by path."""
    bundle = made.maker.make([made.shown(made.fitted(board))])
    copied: dict[str, dict[str, Any]] = json.loads(json.dumps(bundle.assets))
    return copied


class Page:
    """A dashboard in a Superset: each method does what its pages do to what is stored."""

    def __init__(self, made: Making, slug: str) -> None:
        self.made = made
        self.slug = slug
        self.assets = assets(made, spec(made, slug))
        for path, content in self.assets.items():
            if path.startswith("charts/"):  # as the import leaves them
                content["params"] |= {"datasource": "7__table", "annotation_layers": []}
        self.board = next(c for p, c in self.assets.items() if p.startswith("dashboards/"))
        self.board["theme_uuid"] = None
        self.nodes: dict[str, Any] = self.board["position"]

    # -- to find something

    def chart(self, name: str) -> dict[str, Any]:
        uuid = self.made.target.uuid("chart", f"{self.slug}/{name}")
        return next(c for c in self.assets.values() if c.get("uuid") == uuid)

    def params(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.chart(name)["params"]
        return found

    def box(self, name: str) -> str:
        """The key of a tile in its row: its chart, or the column of a trend."""
        uuid = str(self.chart(name)["uuid"])
        key = next(k for k, n in self._nodes() if n.get("meta", {}).get("uuid") == uuid)
        above = self.above(key)
        return above if self.nodes[above]["type"] == "COLUMN" else key

    def above(self, key: str) -> str:
        return next(k for k, node in self._nodes() if key in node.get("children", ()))

    def _nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, node in self.nodes.items():
            if isinstance(node, dict):
                yield key, node

    def keys(self, kind: str) -> list[str]:
        """The nodes of a kind that stand on the page, from above to below."""
        waiting, found = ["ROOT_ID"], []
        while waiting:
            key = waiting.pop(0)
            waiting = [*self.nodes[key].get("children", ()), *waiting]
            found += [key] if self.nodes[key]["type"] == kind else []
        return found

    def text(self, begins: str) -> str:
        return next(
            k for k in self.keys("MARKDOWN") if self.nodes[k]["meta"]["code"].startswith(begins)
        )

    # -- to change the layout

    def move(self, key: str, to: str, place: int | None = None) -> None:
        self.nodes[self.above(key)]["children"].remove(key)
        children = self.nodes[to]["children"]
        children.insert(len(children) if place is None else place, key)

    def remove(self, key: str) -> None:
        self.nodes[self.above(key)]["children"].remove(key)

    def add(self, to: str, kind: str, key: str, place: int | None = None, **meta: Any) -> str:
        self.nodes[key] = {"type": kind, "id": key, "children": [], "meta": meta}
        children = self.nodes[to]["children"]
        children.insert(len(children) if place is None else place, key)
        return key

    def meta(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.nodes[key]["meta"]
        return found

    def save(self, path: Path) -> Path:
        """Dashboards > Export."""
        Bundle(self.assets).for_people().write_zip(path, "dashboard_export_20260101T000000")
        return path


def arranged(content: dict[str, Any]) -> list[Any]:
    """Tabs with rows of what stands in them and how wide it is: what people see of a layout."""
    nodes = content["position"]

    def item(key: str) -> Any:
        node = nodes[key]
        meta = node["meta"]
        inner = node["children"] if node["type"] == "COLUMN" else [key]
        return [*(_shown(nodes[one]["meta"]) for one in inner), meta["width"]]

    tabs = [key for key, node in nodes.items() if isinstance(node, dict) and node["type"] == "TABS"]
    return [
        (
            nodes[tab]["meta"]["text"],
            [list(map(item, nodes[row]["children"])) for row in nodes[tab]["children"]
             if nodes[row]["children"]],
        )
        for tab in nodes[tabs[0]]["children"]
    ]  # fmt: skip


def _shown(meta: dict[str, Any]) -> str:
    return str(meta.get("uuid") or meta["code"])


def tile(board: Dashboard, name: str) -> Tile:
    return next(tile for tile in board.tiles if tile.name == name and tile.text is None)


def pulled(page: Page) -> PulledBoard:
    """What a pull of an export of the page says."""
    with tempfile.TemporaryDirectory() as folder:
        export = read_export(page.save(Path(folder, "export.zip")))
    (board,) = pull(export, page.made).boards
    return board


def comes_back(page: Page, board: PulledBoard) -> dict[str, dict[str, Any]]:
    """The assets of the spec as it is after the pull, read from the file that is written."""
    assert (board.refused, list(map(str, board.not_taken))) == ("", [])
    return assets(page.made, written(board.changed))


def written(board: Dashboard) -> Dashboard:
    return Dashboard.model_validate(yaml.safe_load(to_text(board)))


def built(assets: dict[str, dict[str, Any]], page: Page, name: str) -> dict[str, Any]:
    uuid = page.chart(name)["uuid"]
    return next(content for content in assets.values() if content.get("uuid") == uuid)


def board_of(assets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return next(content for path, content in assets.items() if path.startswith("dashboards/"))


def told(board: PulledBoard) -> str:
    return "\n".join(map(str, board.not_taken))


def is_value(column: str, value: Any) -> dict[str, Any]:
    """A filter as Superset's form writes it."""
    operator = "IN" if isinstance(value, list) else "=="
    return {
        "expressionType": "SIMPLE", "clause": "WHERE", "subject": column, "operator": operator,
        "operatorId": "IN" if operator == "IN" else "EQUALS", "comparator": value,
        "filterOptionName": "filter_x1", "isExtra": False, "isNew": False, "sqlExpression": None,
    }  # fmt: skip
