"""Compiled SQL is short and says where it comes from, and is the same statement as before."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations, Part, stitch, written
from superset_crmkpi.query.compose import unwrapped
from superset_crmkpi.query.layout import WIDTH, laid_out
from superset_crmkpi.query.shorten import shortened
from tests.seeds import by_turns
from tests.sqlglot_snapshot import relations

ENGINES = ("clickhouse", "duckdb", "hive", "mysql", "postgres", "sqlite")


def query(sql: str) -> exp.Query:
    parsed = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(parsed, exp.Query)
    return parsed


def short(sql: str, dialect: str = "duckdb") -> str:
    return shortened(query(sql), dialect).sql(dialect=dialect)


@pytest.fixture(scope="module")
def live() -> Compiler:
    """Two vendors and the profile itself; nothing is executed."""
    settings = CompileSettings()
    return Compiler(load_model(), load_catalog(), relations(settings), settings)


# -- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize("fact", ["opportunities", "account_periods", "ticket_slas"])
def test_lines_and_comments_change_nothing_but_blanks(fact: str, dialect: str) -> None:
    compiler = Compiler(
        load_model(), load_catalog(), BuiltRelations(), CompileSettings(dialect=dialect)
    )
    text = compiler.fact(fact)
    line = sqlglot.parse_one(text, dialect=dialect).sql(dialect=dialect, comments=False)
    again = laid_out(line, dialect)
    assert re.sub(r"\s", "", again) == re.sub(r"\s", "", line)
    assert sqlglot.parse_one(again, dialect=dialect) == sqlglot.parse_one(line, dialect=dialect)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("'two  blanks, (brackets, -- and\nan end'", "duckdb"),
        ("'it''s FROM here'", "postgres"),
        (r"'a\'b ( c'", "hive"),
        (r"'ends in a backslash \\'", "mysql"),
        (r"'one \ here'", "postgres"),
    ],
)
def test_a_text_is_left_as_it_is(text: str, dialect: str) -> None:
    columns = ", ".join(f"{text} AS column_{n}" for n in range(9))
    made = laid_out(f"SELECT {columns}", dialect)
    assert made.count(text) == 9


def test_what_fits_stands_on_one_line_and_a_long_case_has_a_line_per_branch() -> None:
    assert laid_out("SELECT a, b FROM t WHERE a = 1", "duckdb") == "SELECT a, b FROM t WHERE a = 1"
    branches = " ".join(f"WHEN a = {n} THEN 'the value number {n}'" for n in range(5))
    made = laid_out(f"SELECT b, CASE {branches} ELSE 'none' END AS c, d FROM t", "duckdb")
    assert made.splitlines()[1:4] == [
        " CASE WHEN a = 0 THEN 'the value number 0'",
        "  WHEN a = 1 THEN 'the value number 1'",
        "  WHEN a = 2 THEN 'the value number 2'",
    ]
    assert max(map(len, made.splitlines())) <= WIDTH


def test_between_keeps_its_and() -> None:
    conditions = " AND ".join(f"column_{n} BETWEEN 100000 AND 200000" for n in range(6))
    lines = laid_out(f"SELECT a FROM t WHERE {conditions}", "duckdb").splitlines()
    assert all(
        line.count("BETWEEN") == len(re.findall(r"100000 AND 200000", line)) for line in lines
    )


# -- columns and tables ---------------------------------------------------------------------------


def test_a_column_of_a_single_table_needs_no_table_and_no_second_name() -> None:
    assert short("select o.id as id, o.x as y from t as o where o.x > 1") == (
        "SELECT id, x AS y FROM t WHERE x > 1"
    )
    assert short("select a.id as id from t as a join u as b on a.id = b.id") == (
        "SELECT a.id FROM t AS a JOIN u AS b ON a.id = b.id"
    )


def test_a_column_keeps_its_table_where_another_of_that_name_is_made() -> None:
    found = short("select 'x:' || m.id as id from t as m group by m.id having count(m.id) > 1")
    assert found == "SELECT 'x:' || m.id AS id FROM t AS m GROUP BY m.id HAVING COUNT(m.id) > 1"


def test_a_subquery_still_reads_the_row_around_it() -> None:
    found = short(
        "select o.id as id from t as o"
        " where not exists (select 1 as a from u as v where v.id = o.id)"
    )
    assert found == ("SELECT id FROM t AS o WHERE NOT EXISTS(SELECT 1 AS a FROM u WHERE id = o.id)")
    connection = duckdb.connect()
    connection.execute("create table t as select unnest([1, 2]) as id")
    connection.execute("create table u as select 2 as id")
    assert connection.execute(found).fetchall() == [(1,)]


@pytest.mark.parametrize("name", ["interval", "end", "rows", "key", "condition"])
def test_a_column_called_like_a_keyword_keeps_its_table(name: str) -> None:
    assert (
        shortened(query(f"select o.{name} as {name} from t as o"), "mysql").find(exp.Column).table
        == "o"
    )


def test_sqlite_may_not_take_a_quoted_column_for_a_text() -> None:
    assert short('select r."id" as id from t as r', "sqlite") == 'SELECT r."id" FROM t AS r'


def test_clickhouse_keeps_every_name() -> None:
    sql = "SELECT o.id AS id FROM t AS o"
    assert shortened(query(sql), "clickhouse").sql() == sql


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "select lower(v.x) as x, v.y as y from (select o.a as x, o.b+1 as y from t as o) as v",
            "SELECT LOWER(o.a) AS x, o.b + 1 AS y FROM t AS o",
        ),
        # written twice it would be computed twice
        ("select v.y || v.y as y from (select o.b + 1 as y from t as o) as v", None),
        ("select v.y as y from (select distinct o.b as y from t as o) as v", None),
        ("select v.y as y from (select o.b as y from t as o) as v where v.y > 1", None),
        ("select v.y as y from (select 1 as y union all select 2 as y) as v", None),
        (
            "select v.y * 2 as y from (select o.b + 1 as y from t as o) as v",
            "SELECT (o.b + 1) * 2 AS y FROM t AS o",
        ),
        # one row of many, whether the count is read or not
        ("select 'a' as x from (select count(*) as n from t as o) as v", None),
        ("select v.n as n from (select count(*) as n from t as o) as v", None),
        (
            "select v.n as n from (select o.a, count(*) as n from t as o group by o.a) as v",
            "SELECT COUNT(*) AS n FROM t AS o GROUP BY o.a",
        ),
        ("select 'a' as x from (select unnest([1, 2]) as n from t as o) as v", None),
        ("select 'a' as x from (select o.a as n from t as o order by n limit 1) as v", None),
    ],
)
def test_a_query_around_a_plain_one_becomes_one(given: str, expected: str | None) -> None:
    assert unwrapped(query(given)).sql("duckdb") == (expected or query(given).sql("duckdb"))


# -- names and origins ----------------------------------------------------------------------------


@by_turns(2)
def test_a_cte_is_named_after_its_part_whatever_other_parts_there_are(live: Compiler) -> None:
    def ctes(fact: str) -> set[str]:
        parsed = sqlglot.parse_one(live.fact(fact), dialect="duckdb")
        return {cte.alias for cte in parsed.find_all(exp.CTE)}

    stages = {
        name for name in ctes("opportunity_stages") if name.startswith("opportunity_stages__")
    }
    assert stages
    assert stages <= ctes("opportunities")
    assert not [name for name in ctes("opportunities") if name in ("deals", "days", "today")]


def test_a_name_too_long_for_postgres_is_cut_and_stays_its_own() -> None:
    ctes = [f"{'a' * 60}{n} as (select {n} as x)" for n in (1, 2)]
    sql = (
        f"with {', '.join(ctes)} select p.x as x from {'a' * 60}1 as p cross join {'a' * 60}2 as q"
    )
    text = written(
        stitch([Part("entity", query(sql)), Part("fact", query("select x from entity"))], "fact",
               BuiltRelations()), "postgres", {})  # fmt: skip
    names = {cte.alias for cte in sqlglot.parse_one(text, dialect="postgres").find_all(exp.CTE)}
    assert len(names) == 3
    assert max(map(len, names)) <= 63


@by_turns(3)
@pytest.mark.parametrize("dialect", [name for name in ENGINES if name != "sqlite"])
def test_the_first_cte_of_each_part_says_where_it_comes_from(dialect: str) -> None:
    settings = CompileSettings(dialect=dialect)
    text = Compiler(load_model(), load_catalog(), relations(settings), settings).fact("leads")
    sections = re.findall(r"/\* ---- (\w+) ---- \*/", text)
    assert sections == ["raw", "mapped", "canonical", "calendar", "facts"]
    lines = text.splitlines()
    ctes = sqlglot.parse_one(text, dialect=dialect).find_all(exp.CTE)
    parts = {cte.alias.partition("__")[0] for cte in ctes} | {"leads"}
    assert dialect == "mysql" or "sales_lead" in parts  # MariaDB has room for few CTEs
    for origin, part in {
        "/* raw: sf.lead */": "raw_sales_lead",
        "/* salesforce: mapping/lead.sql */": "sales_lead",
        "/* sql/model/lead.sql */": "lead",
        "/* sql/calendar/calendar.sql */": "calendar",
        "/* sql/facts/leads.sql */": "leads",
    }.items():
        if part not in parts:
            continue
        named = lines[lines.index(origin) + 1].partition(" AS (")[0].strip('"`')
        assert named.partition("__")[0] == part


def test_a_comment_ends_nothing_and_is_no_template(build: Callable[[str], str]) -> None:
    made = build("x */ ; {{ y }} {% z %} {# n #}")
    assert not re.search(r"\{\{|\{%|\{#|;", made)
    assert made.count("/*") == made.count("*/")


@pytest.fixture
def build() -> Callable[[str], str]:
    """The statement of a part that comes from `origin`."""

    def made(origin: str) -> str:
        parts = [Part("e", query("select 1 as x"), origin, "raw")]
        parts.append(Part("f", query("select x from e")))
        return written(stitch(parts, "f", BuiltRelations()), "duckdb", {})

    return made
