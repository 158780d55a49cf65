"""`crmkpi load --sentiment`: English texts are rated when they are loaded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.cli.load import load
from superset_crmkpi.warehouse.load import load_files
from superset_crmkpi.warehouse.sentiment import rater

COMMENTS = {
    "praise": "Thank you, the support was great and very friendly.",
    "short praise": "Great support!",
    "complaint": "Terrible service, still broken after three weeks.",
    "german": "Der Support war leider schlecht und niemand hat geantwortet.",
    "french": "Le service est vraiment excellent, merci beaucoup.",
    "number": "10 / 10",
}


@pytest.fixture
def engine() -> Engine:
    return sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)


def frame(engine: Engine, table: str = "surveys") -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(sa.text(f'select * from raw."{table}"'), connection)


def surveys(folder: Path, name: str = "surveys.csv", column: str = "comment") -> Path:
    path = folder / name
    lines = [f"id,{column},score"] + [f'{key},"{text}",5' for key, text in COMMENTS.items()]
    path.write_text("\n".join([*lines, "empty,,5", 'blank,"  ",5']) + "\n", encoding="utf-8")
    return path


def test_praise_is_above_zero_a_complaint_below_and_german_and_nothing_are_null(
    engine: Engine, tmp_path: Path
) -> None:
    load_files(engine, "raw", [surveys(tmp_path)], sentiment=["comment"])
    rated = frame(engine).set_index("id")["comment_sentiment"]
    assert rated["praise"] > 0.5
    assert rated["short praise"] > 0
    assert rated["complaint"] < -0.3
    assert rated[["german", "french", "number", "empty", "blank"]].isna().all()
    assert rated.dropna().between(-1, 1).all()


def test_the_rating_stands_beside_its_text_as_a_number(engine: Engine, tmp_path: Path) -> None:
    done = load_files(engine, "raw", [surveys(tmp_path)], sentiment=["comment"])[0]
    found = frame(engine)
    assert list(found.columns) == ["id", "comment", "comment_sentiment", "score"]
    assert done.columns == 4
    assert list(found["score"]) == ["5"] * 8  # other columns stay what they are
    types = {column["name"]: column["type"] for column in sa.inspect(engine).get_columns(
        "surveys", schema="raw"
    )}  # fmt: skip
    assert isinstance(types["comment_sentiment"], sa.Float | sa.Numeric)


def test_the_same_text_is_always_rated_alike() -> None:
    texts = [*COMMENTS.values(), "Good", "Ok", "Not happy"]
    assert [rater()(text) for text in texts] == [rater()(text) for text in reversed(texts)][::-1]


@pytest.mark.parametrize("cell", [None, float("nan"), "", " ", "!!!", 7])
def test_what_is_no_text_has_no_sentiment(cell: Any) -> None:
    assert rater()(cell) is None


def test_several_columns_and_files_are_rated_where_they_are(engine: Engine, tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "mails.xlsx") as writer:
        pd.DataFrame({"Subject Line": ["I love it!", None], "n": [1, 2]}).to_excel(
            writer, index=False
        )
    plain = tmp_path / "plain.csv"
    plain.write_text("id\n1\n")
    files = [surveys(tmp_path), tmp_path / "mails.xlsx", plain]
    load_files(engine, "raw", files, sentiment=["comment", "Subject Line"])
    mails = frame(engine, "mails")
    assert list(mails.columns) == ["Subject Line", "Subject Line_sentiment", "n"]
    assert mails["Subject Line_sentiment"][0] > 0
    assert mails["Subject Line_sentiment"].isna()[1]
    assert list(frame(engine, "plain").columns) == ["id"]


def test_a_file_loaded_without_ratings_is_other_content_than_with(
    engine: Engine, tmp_path: Path
) -> None:
    file = surveys(tmp_path)
    load_files(engine, "raw", [file])
    with pytest.raises(CrmKpiError, match="--replace"):
        load_files(engine, "raw", [file], sentiment=["comment"])
    statuses = [
        load_files(engine, "raw", [file], sentiment=["comment"], replace=True)[0].status
        for _ in range(2)
    ]
    assert statuses == ["replaced", "unchanged"]
    both = load_files(engine, "raw", [file], sentiment=["comment", "score"], replace=True)[0]
    assert (both.status, both.columns) == ("replaced", 5)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("id,comment\n1,a\n", "remark", "--sentiment remark: t.csv has no such column"),
        ("Comment,comment_sentiment\na,1\n", "Comment", "has a column Comment_sentiment"),
    ],
)
def test_a_column_that_cannot_be_rated_is_told_and_nothing_is_loaded(
    engine: Engine, tmp_path: Path, text: str, column: str, message: str
) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(CrmKpiError, match=message):
        load_files(engine, "raw", [file], sentiment=[column])
    assert "raw" not in sa.inspect(engine).get_schema_names()


def test_numbers_are_not_rated(engine: Engine, tmp_path: Path) -> None:
    pd.DataFrame({"n": [1, 2]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(CrmKpiError, match=r"--sentiment n: is integer in t\.parquet, not text"):
        load_files(engine, "raw", [tmp_path / "t.parquet"], sentiment=["n"])


@pytest.mark.parametrize("package", ["vaderSentiment.vaderSentiment", "py3langid"])
def test_without_the_extra_one_line_tells_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    uri = f"duckdb:///{tmp_path / 'w.duckdb'}"
    arguments = [str(surveys(tmp_path)), "--into", uri, "--schema", "raw", "--sentiment", "comment"]
    result = CliRunner().invoke(load, arguments)
    assert result.exit_code != 0
    told = result.output or str(result.exception)
    assert "pip install superset-crmkpi[sentiment]" in told
    assert len(told.strip().splitlines()) == 1


def test_the_command_rates(tmp_path: Path) -> None:
    uri = f"duckdb:///{tmp_path / 'w.duckdb'}"
    arguments = [str(surveys(tmp_path)), "--into", uri, "--schema", "raw", "--sentiment", "comment"]
    result = CliRunner().invoke(load, arguments)
    assert result.exit_code == 0, result.output
    found = sa.create_engine(uri, future=True)
    assert frame(found)["comment_sentiment"].notna().sum() == 3
    found.dispose()
