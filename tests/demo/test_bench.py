"""`crmkpi bench` runs every tile of every dashboard and says what they took."""

from __future__ import annotations

import importlib.util
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from crmkpi_demo.compile_bench import columns_of
from crmkpi_demo.newest_bench import with_keys
from crmkpi_demo.run import demo_project, generate_raw

from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.cli import main
from superset_crmkpi.connectors.connector import Landing
from superset_crmkpi.connectors.newest import PLACE
from superset_crmkpi.dashboards.spec import load_dashboards
from superset_crmkpi.warehouse.connect import fetched
from tests.seeds import in_turn

#: each compiles all dashboards anew, so every other day
DEAR = in_turn(["dashboards", "", "compile", "", "keys", ""])


@pytest.mark.turn(lambda _: "dashboards" in DEAR)
def test_each_dashboard_is_timed_with_all_its_tiles(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "bench",
        "--scale",
        "0.02",
        "--runs",
        "1",
    ]  # live facts are compiled too, for the raw scan
    main([*arguments, "--format", "json"], standalone_mode=False)

    results = json.loads(capsys.readouterr().out)
    tiles = {
        board.title: sum(tile.text is None for tile in board.tiles)
        for board in load_dashboards(load_catalog())
    }
    assert {(r["mode"], r["dashboard"]): r["queries"] for r in results} == {
        ("built", title): number for title, number in tiles.items()
    }
    for result in results:
        assert 0 < result["slowest_seconds"] <= result["seconds"]
        assert result["ratio"] == result["seconds"] / result["scan_seconds"]


SMALL = ("--connector", "intercom")


@pytest.mark.turn(lambda _: "compile" in DEAR)
def test_what_a_bundle_costs_is_measured_against_another_checkout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = str(Path(__file__).parents[2])
    arguments = ["bench", "compile", *SMALL, "--against", other, "--format", "json"]
    main(arguments, standalone_mode=False)
    mine, theirs = json.loads(capsys.readouterr().out)
    assert (mine["checkout"], theirs["checkout"]) == ("this", other)
    assert mine["seconds"].keys() == {"cold", "again", "kept"}
    assert all(seconds > 0 for seconds in mine["seconds"].values())
    # it is the same code: the SQL is as long
    assert (mine["largest"], mine["total"]) == (theirs["largest"], theirs["total"])
    sizes = [dataset["kilobytes"] for dataset in mine["largest"]]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 < len(sizes) <= 10
    assert mine["datasets"] >= len(sizes)
    assert mine["total"]["lines"] >= sum(dataset["lines"] for dataset in mine["largest"])
    has_sqlparse = importlib.util.find_spec("sqlparse") is not None
    assert (mine["total"]["tokens"] is not None) == has_sqlparse
    assert (mine["over_8000_tokens"] is not None) == has_sqlparse


def test_a_folder_that_is_no_checkout_is_told(tmp_path: Path) -> None:
    arguments = ["bench", "compile", *SMALL, "--against", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "no checkout of superset-crmkpi" in result.output


def test_the_tables_are_named_and_typed_as_the_loader_has_them() -> None:
    schema = {
        "deal": {"id": "integer", "amount": "number", "stage": "text"},
        "deal_history": {"id": "integer", "deal_id": "text"},
        "line": {"id": "text", "deal_id": "text"},
    }
    landing = Landing.model_validate(
        {
            "label": "a loader",
            "tables": {"deal": ["Deals"], "deal_history": ["Deals"]},
            "columns": {"deal": {"amount": ["Amount"], "stage": ["properties$.dealstage"]}},
            "rows": {"line": {"table": "deal", "column": "lines"}},
        }
    )
    assert columns_of(schema, landing) == {
        "Deals": {
            "id": "bigint",
            "Amount": "double",
            "properties": "varchar",
            "deal_id": "varchar",
            "lines": "varchar",
        }
    }


@pytest.mark.turn(lambda _: "keys" in DEAR)
def test_with_declared_keys_nothing_is_looked_for(tmp_path: Path) -> None:
    """What `bench newest` compares: the same rows, with and without the choice of the newest."""
    path = tmp_path / "company.duckdb"
    generate_raw(path, 0.01, date(2026, 3, 18), lambda _: None)
    uri = f"duckdb:///{path}?access_mode=read_only"
    plain, keyed = (demo_project(uri, date(2026, 3, 18)) for _ in range(2))
    vars(keyed)["snapshot"] = with_keys(plain)
    chosen, whole = (p.live.fact("campaigns") for p in (plain, keyed))
    raw, keyed_raw = (sql.partition("/* ---- mapped ---- */")[0] for sql in (chosen, whole))
    assert PLACE in raw
    assert PLACE not in keyed_raw
    counts = "select campaign_id, members, responses, conversions from"
    found = [
        sorted(
            tuple(row.values()) for row in fetched(plain.engine, f"{counts} ({sql}) as campaigns")
        )
        for sql in (chosen, whole)
    ]
    assert found[0] == found[1] != []
