"""A pruned query gives the same rows for the columns that are asked for."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from superset_crmkpi.query.prune import prune, qualified
from tests.random_queries import Queries, queries
from tests.seeds import examples

SCHEMA = {
    "deal": {"id": "bigint", "owner_id": "bigint", "amount": "bigint"},
    "person": {"id": "bigint", "team_id": "bigint", "name": "bigint"},
    "note": {"deal_id": "bigint", "day": "bigint"},
}
#: `note` has none: a deal may have several notes
KEYS = {"deal": [["id"]], "person": [["id"]]}
ROWS = """
create table deal as select * from (values
  (1, 1, 10), (2, 1, 10), (3, 2, null), (4, null, 5), (5, 9, 7)) d(id, owner_id, amount);
create table person as select * from (values
  (1, 1, 1), (2, 1, 1), (3, null, 2)) p(id, team_id, name);
create table note as select * from (values
  (1, 1), (1, 1), (1, 2), (2, 2), (null, 1), (null, null)) n(deal_id, day);
"""


def pruned(sql: str, *columns: str) -> str:
    parsed = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(parsed, exp.Query)
    return prune(qualified(parsed, SCHEMA), columns, KEYS).sql(dialect="duckdb")


@cache
def tables() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(ROWS)
    return connection


def rows(sql: str, columns: Collection[str]) -> list[tuple[object, ...]]:
    names = ", ".join(columns) or "1"
    found = tables().execute(f"select {names} from ({sql}) as q").fetchall()
    return sorted(found, key=lambda row: [(cell is None, cell) for cell in row])


def same_rows(sql: str, *columns: str) -> str:
    """The pruned SQL, once its rows are those of `sql`."""
    text = pruned(sql, *columns)
    assert rows(text, columns) == rows(sql, columns), text
    return text


UNIONS = {
    "a distinct branch after a plain one": """
        select id, owner_id as person from deal
        union all select distinct deal_id as id, day as person from note""",
    "a distinct branch first": """
        select distinct deal_id as id, day as person from note
        union all select id, owner_id as person from deal
        union all select id, team_id as person from person""",
    "a branch that is a distinct union": """
        select id, owner_id as person from deal
        union all (select deal_id, day from note union select id, owner_id from deal)""",
    "a distinct union of plain branches": """
        select deal_id as id, day as person from note union select owner_id, amount from deal""",
    "a union all within a distinct union": """
        (select deal_id as id, day as person from note union all select id, amount from deal)
        union select 1, 10""",
    "what two queries share": """
        select owner_id as id, amount as person from deal intersect select 1, 10""",
    "what the second query lacks": """
        select owner_id as id, amount as person from deal except select 1, 5""",
    "a branch that is grouped": """
        select id, owner_id as person from deal
        union all select deal_id, day from note group by deal_id, day""",
    "a branch of one aggregate": """
        select id, owner_id as person from deal union all select 7 as id, max(day) from note""",
    "a branch with the first row of an order": """
        (select deal_id as id, day as person from note order by day, deal_id limit 1)
        union all select id, owner_id from deal""",
    "a distinct branch with a CTE of its own": """
        (with x as (select deal_id, day from note) select distinct deal_id as id, day as person
         from x)
        union all select id, owner_id from deal""",
    "a CTE that is distinct and read by both": """
        with x as (select distinct deal_id as id, day as person from note)
        select id, person from x union all select a.id, b.person from x as a
        inner join x as b on b.person = a.person""",
    "branches that swap their names": """
        select id, owner_id as person from deal union all select day as person, deal_id as id
        from note""",
    "rows without a table": """
        select id, person from (values (1, 2), (1, 3)) v(id, person)
        union all select distinct deal_id, day from note""",
}


@pytest.mark.parametrize("sql", UNIONS.values(), ids=list(UNIONS))
@pytest.mark.parametrize("columns", [["id"], ["person"], ["id", "person"], []], ids=str)
def test_unions_give_the_same_rows_for_the_columns_asked(sql: str, columns: list[str]) -> None:
    same_rows(sql, *columns)


def test_a_union_all_is_cut_to_the_columns_asked_and_a_distinct_branch_is_wrapped() -> None:
    text = same_rows(UNIONS["a distinct branch after a plain one"], "id")
    assert text == (
        "SELECT deal.id AS id FROM deal AS deal UNION ALL SELECT branch.id AS id FROM "
        "(SELECT DISTINCT note.deal_id AS id, note.day AS person FROM note AS note) AS branch"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) as n, 1 as one from note",
        "select 1 as one, sum(amount) as n from deal having sum(amount) > 1",
        "select 1 as one, max(amount) over () as n from deal",
        "select 1 as one, sum(count(*)) over () as n from note group by day",
        "select distinct 1 as one, day as n from note",
        "select 1 as one, unnest([1, 2, 3]) as n from deal",
    ],
)
@pytest.mark.parametrize("columns", [["one"], ["n"], []], ids=str)
def test_the_number_of_rows_does_not_depend_on_the_columns_asked(
    sql: str, columns: list[str]
) -> None:
    same_rows(sql, *columns)


def test_a_cte_gives_what_all_its_readers_ask_and_one_without_a_reader_goes() -> None:
    text = same_rows(
        """
        with x as (select id, owner_id, amount from deal),
        y as (select id from x where exists (select 1 from x as o where o.owner_id = x.owner_id)),
        z as (select amount from x)
        select y.id, (select max(amount) from z) as most from y
        """,
        "id",
    )
    assert "amount" not in text
    assert "owner_id" in text


GONE = {
    "a table by its key": "left join person as r on r.id = d.owner_id",
    "a table by its key and more": "left join person as r on r.id = d.owner_id and r.name > 1",
    "a key on the left": "left join person as r on d.owner_id = r.id",
    "groups": """left join (select deal_id, max(day) as m from note group by deal_id) as r
        on r.deal_id = d.id""",
    "groups by an expression": """left join
        (select deal_id + 1 as next_id, max(day) as m from note group by deal_id + 1) as r
        on r.next_id = d.id""",
    "distinct rows by all their columns": """left join
        (select distinct deal_id, day from note) as r on r.deal_id = d.id and r.day = 1""",
    "a distinct union": """left join
        (select deal_id from note union select id from deal) as r on r.deal_id = d.id""",
    "the first of each group": """left join (
          select * from (select deal_id, day, row_number() over (partition by deal_id order by day)
            as place from note) as o where place = 1
        ) as r on r.deal_id = d.id""",
    "the first of each group, by the join": """left join
        (select deal_id, row_number() over (partition by deal_id order by day) as place from note)
        as r on r.deal_id = d.id and r.place = 1""",
    "one row": "left join (select max(day) as day from note) as r on r.day = d.amount",
    "a table with another by its key": """left join (
          select p.id, o.name from person as p left join person as o on o.id = p.team_id
        ) as r on r.id = d.owner_id""",
    "a table with one that filters it": """left join (
          select p.id, q.m from person as p
          inner join (select owner_id, max(amount) as m from deal group by owner_id) as q
            on q.owner_id = p.id
        ) as r on r.id = d.owner_id""",
}
STAYS = {
    "a table without a key": "left join note as r on r.deal_id = d.id",
    "a table by another column": "left join person as r on r.team_id = d.owner_id",
    "a range": "left join person as r on r.id >= d.owner_id",
    "a choice": "left join person as r on r.id = d.owner_id or r.id = d.amount",
    "an equality among its own": "left join person as r on r.id = r.team_id",
    "an inner join by the key": "inner join person as r on r.id = d.owner_id",
    "a right join": "right join person as r on r.id = d.owner_id",
    "a cross join": "cross join person as r",
    "groups of more than is joined": """left join
        (select deal_id, day from note group by deal_id, day) as r on r.deal_id = d.id""",
    "groups whose key is made coarser": """left join
        (select deal_id // 2 as half, max(day) as m from note group by deal_id) as r
        on r.half = d.id""",
    "distinct rows by one of their columns": """left join
        (select distinct deal_id, day from note) as r on r.deal_id = d.id""",
    "a union all": """left join
        (select id from deal union all select id from person) as r on r.id = d.id""",
    "the second of each group and later": """left join (
          select deal_id, row_number() over (partition by deal_id order by day) as place from note
        ) as r on r.deal_id = d.id and r.place > 0""",
    "the first of groups that are finer": """left join (
          select deal_id, row_number() over (partition by deal_id, day order by day) as place
          from note
        ) as r on r.deal_id = d.id and r.place = 1""",
    "equal ranks": """left join (
          select deal_id, rank() over (partition by deal_id order by 1) as place from note
        ) as r on r.deal_id = d.id and r.place = 1""",
    "a table with several rows of another": """left join (
          select p.id from person as p left join deal as o on o.owner_id = p.id
        ) as r on r.id = d.owner_id""",
    "a window of an aggregate's name": """left join (
          select 1 as one, first_value(day ignore nulls) over (order by day) as m from note
        ) as r on r.one = d.owner_id""",
}


@pytest.mark.parametrize("join", GONE.values(), ids=list(GONE))
def test_a_left_join_that_finds_one_row_and_that_nothing_reads_is_gone(join: str) -> None:
    text = same_rows(f"select d.id from deal as d {join}", "id")
    assert text == "SELECT d.id AS id FROM deal AS d"


@pytest.mark.parametrize("join", STAYS.values(), ids=list(STAYS))
def test_a_join_that_could_change_the_rows_stays(join: str) -> None:
    text = same_rows(f"select d.id from deal as d {join}", "id")
    assert "JOIN" in text


def test_a_join_that_only_a_dropped_join_reads_goes_with_it() -> None:
    sql = """
        select d.id, t.name from deal as d
        left join person as p on p.id = d.owner_id
        left join person as t on t.id = p.team_id
    """
    assert same_rows(sql, "id") == "SELECT d.id AS id FROM deal AS d"
    assert same_rows(sql, "name").count("LEFT JOIN") == 2


@pytest.mark.parametrize(
    "reader",
    [
        "where p.name = 1",
        "where p.id is null",
        "where exists (select 1 from note as n where n.day = p.name)",
        "inner join note as n on n.day = p.name",
    ],
)
def test_a_join_that_a_condition_reads_stays(reader: str) -> None:
    join, where = (reader, "") if "join" in reader else ("", reader)
    text = same_rows(
        f"select d.id from deal as d left join person as p on p.id = d.owner_id {join} {where}",
        "id",
    )
    assert "LEFT JOIN person" in text


def test_a_pruned_query_is_a_new_one() -> None:
    query = qualified(sqlglot.parse_one(UNIONS["a distinct branch first"]), SCHEMA)  # type: ignore[arg-type]
    before = query.sql()
    prune(query, ["id"], KEYS)
    assert query.sql() == before


@settings(max_examples=examples(120), deadline=None, suppress_health_check=list(HealthCheck))
@given(queries(), st.sets(st.sampled_from("abc")))
def test_random_queries_give_the_same_rows_for_the_columns_asked(
    sql: str, columns: set[str]
) -> None:
    for view, body in zip(Queries.VIEWS, Queries.TABLES, strict=True):
        sql = sql.replace(view, f"({body})")
    same_rows(sql, *sorted(columns))
