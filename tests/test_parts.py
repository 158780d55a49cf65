"""Parts of a connector: a rule that several mappings need stands once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import SqlFile, parse_sql
from superset_crmkpi.connector import Connector
from superset_crmkpi.query.compose import with_parts


def read(sql: str, **parts: str) -> list[tuple[object, ...]]:
    files = {name: SqlFile(Path(f"{name}.sql"), {}, text, 1) for name, text in parts.items()}
    query = with_parts(parse_sql(sql, "mapping"), files)  # type: ignore[arg-type]
    connection = duckdb.connect()
    connection.execute(
        "create table deal as select * from (values (1, 10), (1, 20), (2, 5)) d(id, v)"
    )
    return connection.execute(query.sql(dialect="duckdb")).fetchall()


def test_a_mapping_reads_a_part_as_a_table() -> None:
    assert read(
        "select id, v from current_deal order by id",
        current_deal="with ranked as (select *, row_number() over (partition by id order by v desc)"
        " as n from deal) select id, v from ranked where n = 1",
    ) == [(1, 20), (2, 5)]


def test_a_part_may_read_another_and_ctes_of_one_name_do_not_meet() -> None:
    assert read(
        "with x as (select sum(v) as v from big) select a.v, b.v from x as a cross join small as b",
        big="with x as (select v from deal where v > 5) select v from x",
        small="with x as (select v from big where v < 20) select max(v) as v from x",
    ) == [(30, 10)]


def test_parts_in_a_circle_are_an_error_that_names_them() -> None:
    with pytest.raises(CrmKpiError, match=r"b\.sql: parts read each other: b > a > b"):
        read("select * from b", a="select * from b", b="select * from a")


def test_a_part_named_like_a_table_of_the_vendor_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text("deal: {id: text}\n")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "deal.sql").write_text("select 1 as id\n")
    with pytest.raises(CrmKpiError, match=r"parts/deal\.sql: schema\.yaml has a table `deal` too"):
        _ = Connector("x", "X", tmp_path).parts
