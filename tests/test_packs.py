"""A pack leaves out, replaces and judges; what is left is a whole dashboard again."""

from __future__ import annotations

from pathlib import Path

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.dashboards.for_profile import fitted
from superset_crmkpi.dashboards.spec import Dashboard, lint, load_dashboards
from superset_crmkpi.profile.packs import chosen_packs, load_packs, with_thresholds
from superset_crmkpi.project.load import load_profile

CATALOG = load_catalog()
BOARDS = load_dashboards(CATALOG)
MIXES = [[], *([size, business] for size in ("small_business", "growing", "enterprise")
               for business in ("saas", "retail", "services"))]  # fmt: skip


def test_packs_name_only_kpis_that_there_are() -> None:
    assert set(load_packs()) == {
        "small_business", "growing", "enterprise", "saas", "retail", "services",
    }  # fmt: skip
    for name, pack in load_packs().items():
        named = {*pack.without, *pack.replace, *pack.replace.values(), *pack.thresholds}
        named |= set(pack.scorecard or ())
        assert named <= set(CATALOG.kpis), name


@pytest.mark.parametrize("names", MIXES, ids="-".join)
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.audience)
def test_every_mix_gives_whole_rows_without_what_it_leaves_out(
    names: list[str], board: Dashboard
) -> None:
    packs = chosen_packs(names)
    made = fitted(board, packs)
    gone = {kpi for pack in packs for kpi in (*pack.without, *pack.replace)}
    assert not lint(made, CATALOG)
    assert made.tabs
    assert not gone & {kpi for tile in made.tiles for kpi in tile.kpi}
    widths = {sum(t.width for t in row.tiles) for tab in board.tabs for row in tab.rows}
    assert {sum(t.width for t in row.tiles) for tab in made.tabs for row in tab.rows} <= widths
    names_of = [tile.name for tile in made.tiles if tile.text is None]
    assert len(names_of) == len(set(names_of))
    if not gone:
        assert made == board


def test_a_shop_sees_repeat_purchases_in_the_place_of_net_revenue_retention() -> None:
    executive = next(board for board in BOARDS if board.audience == "executive")
    shown = [tile.kpi for tile in fitted(executive, chosen_packs(["retail"])).tiles if tile.kpi]
    assert ["repeat_purchase_rate"] in shown
    assert ["nrr"] not in shown
    assert len(shown) <= 10


def test_two_packs_of_a_kind_or_one_that_is_not_there_are_refused_with_the_line(
    tmp_path: Path,
) -> None:
    source = "{connector: salesforce, landing: fivetran}"
    text = f"database: {{name: w}}\nsources: {{crm: {source}}}\npacks: %s\n"
    for packs, fault in (
        ("[saas, retail]", "`saas` and `retail` are both of the kind business; keep one"),
        ("[spaceship]", "no pack `spaceship`; there are: enterprise, growing"),
    ):
        path = tmp_path / "crmkpi.yaml"
        path.write_text(text % packs)
        with pytest.raises(CrmKpiError) as error:
            load_profile(path)
        assert "crmkpi.yaml line 3: `packs`" in error.value.message
        assert fault in error.value.message


def test_the_thresholds_of_a_pack_reach_the_metric_that_charts_colour() -> None:
    (pack,) = chosen_packs(["enterprise"])
    catalog = with_thresholds(CATALOG, pack.thresholds)
    assert catalog.kpis["win_rate"].metric.thresholds == pack.thresholds["win_rate"]
    assert catalog.kpis["csat"].metric.thresholds == CATALOG.kpis["csat"].metric.thresholds
