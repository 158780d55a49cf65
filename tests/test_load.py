"""`crmkpi load` on DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.cli.load import load
from superset_crmkpi.warehouse.load import Loaded, load_files
from tests.needs import need


def _duckdb() -> Engine:
    return sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Engine]:
    admin = sa.create_engine(
        "postgresql://postgres@127.0.0.1/postgres", isolation_level="AUTOCOMMIT", future=True
    )
    name = f"crmkpi_load_{os.getpid()}"
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"create database {name}")
    except sa.exc.OperationalError as error:
        need("PostgreSQL on 127.0.0.1", False, str(error.orig))
    engine = sa.create_engine(f"postgresql://postgres@127.0.0.1/{name}", future=True)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


@pytest.fixture(params=["duckdb", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "duckdb":
        return _duckdb()
    found: Engine = request.getfixturevalue("postgres")
    with found.begin() as connection:
        connection.exec_driver_sql("drop schema if exists raw cascade")
    return found


def rows(engine: Engine, table: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(f'select * from raw."{table}"'))]


def columns(engine: Engine, table: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(f'select * from raw."{table}"')).keys())


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_values_of_csv_stay_text_and_empty_ones_become_null(engine: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "Deals.csv", 'Id,Amount,Note\n007,"$1,000",\n8,NA,"a ""b""\nc"\n')
    assert load_files(engine, "raw", [file])[0].rows == 2
    assert rows(engine, "Deals") == [("007", "$1,000", None), ("8", "NA", 'a "b"\nc')]


def test_column_names_are_kept_to_the_letter(engine: Engine, tmp_path: Path) -> None:
    header = "Account Name,Rate (%),Is Active?,a:b,ümlaut"
    load_files(engine, "raw", [written(tmp_path / "t.csv", f"{header}\n1,2,3,4,5\n")])
    assert columns(engine, "t") == header.split(",")
    assert rows(engine, "t") == [("1", "2", "3", "4", "5")]


def test_blank_and_double_names_are_changed_with_a_word_about_it(
    engine: Engine, tmp_path: Path
) -> None:
    done = load_files(engine, "raw", [written(tmp_path / "t.csv", "id,,Id,x,\n1,2,3,4,5\n")])[0]
    assert columns(engine, "t") == ["id", "unnamed_2", "Id_2", "x", "unnamed_5"]
    assert len(done.notes) == 3
    assert "Id_2" in done.notes[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    text = f"Größe{delimiter}Ort\n1,5 m{delimiter}Köln\n".replace(
        "1,5 m", '"1,5 m"' if delimiter == "," else "1,5 m"
    )
    engine = _duckdb()
    load_files(engine, "raw", [written(tmp_path / "t.csv", text.encode(encoding))])
    assert columns(engine, "t") == ["Größe", "Ort"]
    assert rows(engine, "t") == [("1,5 m", "Köln")]


def test_excel_sheets_are_tables_and_keep_their_types(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    moment = dt.datetime(2024, 1, 2, 3, 4)
    with pd.ExcelWriter(file) as writer:
        pd.DataFrame(
            {"n": [1, 2], "x": [1.5, None], "t": ["a", None], "at": [moment, None]}
        ).to_excel(writer, sheet_name="One", index=False)
        pd.DataFrame({"flag": [True, False]}).to_excel(writer, sheet_name="Two", index=False)
    assert [done.table for done in load_files(engine, "raw", [file])] == ["One", "Two"]
    assert rows(engine, "One") == [(1, 1.5, "a", moment), (2, None, None, None)]
    assert rows(engine, "Two") == [(True,), (False,)]


def test_parquet_keeps_its_types(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "p.parquet"
    day = dt.date(2024, 1, 2)
    frame = pd.DataFrame(
        {"n": pd.array([1, None], dtype="Int64"), "d": [day, None], "x": [1.5, 2.0]}
    )
    frame.to_parquet(file)
    load_files(engine, "raw", [file])
    assert rows(engine, "p") == [(1, day, 1.5), (None, None, 2.0)]


def test_the_same_content_again_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", "a\n1\n")
    assert [load_files(engine, "raw", [file])[0].status for _ in range(2)] == [
        "loaded",
        "unchanged",
    ]


def test_other_content_needs_replace(engine: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", "a\n1\n")
    load_files(engine, "raw", [file])
    written(file, "a,b\n2,3\n")
    with pytest.raises(CrmKpiError, match="--replace"):
        load_files(engine, "raw", [file])
    assert rows(engine, "t") == [("1",)]
    assert load_files(engine, "raw", [file], replace=True)[0].status == "replaced"
    assert rows(engine, "t") == [("2", "3")]


def test_a_table_of_somebody_else_is_never_replaced(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text("create schema if not exists raw"))
        connection.execute(sa.text("create table raw.theirs as select 1 as a"))
    with pytest.raises(CrmKpiError, match="was not made by"):
        load_files(engine, "raw", [written(tmp_path / "theirs.csv", "a\n2\n")], replace=True)
    assert rows(engine, "theirs") == [(1,)]


def test_a_broken_file_leaves_everything_as_it_was(engine: Engine, tmp_path: Path) -> None:
    good = written(tmp_path / "good.csv", "a\n1\n")
    load_files(engine, "raw", [good])
    written(good, "a\n2\n")
    bad = written(tmp_path / "z.csv", "a,b\n1,2\n1,2,3,4\n")
    with pytest.raises(CrmKpiError, match="z"):
        load_files(engine, "raw", [good, bad], replace=True)
    assert rows(engine, "good") == [("1",)]
    with engine.connect() as connection:
        assert not sa.inspect(connection).has_table("z", schema="raw")


def test_a_dry_run_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    done = load_files(engine, "raw", [written(tmp_path / "t.csv", "a\n1\n")], dry_run=True)
    assert [one.status for one in done] == ["planned"]
    with engine.connect() as connection:
        assert "raw" not in sa.inspect(connection).get_schema_names()


def test_postgresql_names_longer_than_63_bytes_stay_apart(postgres: Engine, tmp_path: Path) -> None:
    long = "x" * 70
    file = written(tmp_path / "long.csv", f"{long}1,{long}2\na,b\n")
    done = load_files(postgres, "wide", [file])[0]
    assert len(done.notes) == 2
    with postgres.connect() as connection:
        names = list(connection.execute(sa.text("select * from wide.long")).keys())
    assert len(set(names)) == 2


def test_files_that_want_the_same_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    both = [written(tmp_path / "t.csv", "a\n1\n"), written(tmp_path / "a" / "T.csv", "a\n1\n")]
    with pytest.raises(CrmKpiError, match="name is taken"):
        load_files(_duckdb(), "raw", both)


def test_the_command_reports_as_json_and_takes_folders(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    written(folder / "t.csv", "a\n1\n")
    written(folder / "notes.txt", "not a table")
    uri = f"duckdb:///{tmp_path / 'w.duckdb'}"
    arguments = [str(folder), "--into", uri, "--schema", "raw", "--format", "json"]
    result = CliRunner().invoke(load, arguments)
    assert result.exit_code == 0, result.output
    assert [one["table"] for one in json.loads(result.output[result.output.index("[") :])] == ["t"]


def test_a_password_in_the_uri_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", "a\n1\n")
    uri = "postgresql://somebody:secret@127.0.0.1/db"
    result = CliRunner().invoke(load, [str(file), "--into", uri, "--schema", "raw"])
    assert result.exit_code == 2
    assert "${" in result.output
    assert "secret@" not in result.output


def test_loaded_says_what_it_holds() -> None:
    one = Loaded("t", "t.csv", "loaded", 1, 2)
    assert one.to_dict()["columns"] == 2
