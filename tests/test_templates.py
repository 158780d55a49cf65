"""No SQL of ours is a template of Superset's, whatever texts stand in it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2.sandbox import SandboxedEnvironment
from sqlglot import exp, parse_one

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import parse_sql
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.live import LiveRelations
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.query.templates import untemplated
from superset_crmkpi.warehouse.connect import Snapshot

EXPORTS = sorted((Path(__file__).parents[1] / "dashboards" / "export").rglob("datasets/**/*.yaml"))
TEXTS = st.text(alphabet="{}%# a'\\", max_size=12)


def rendered(sql: str) -> str:
    return SandboxedEnvironment(keep_trailing_newline=True).from_string(sql).render()


@given(TEXTS)
def test_a_text_stays_what_it_is_and_is_no_template(text: str) -> None:
    query = untemplated(exp.select(exp.alias_(exp.Literal.string(text), "x")))
    sql = query.sql(dialect="duckdb")
    assert rendered(sql) == sql
    assert duckdb.sql(sql).fetchall() == [(text,)]


@pytest.mark.parametrize("engine", sorted(dialects.FIXES))
def test_a_text_is_no_template_on_any_engine(engine: str) -> None:
    query = parse_one("select 1 as one where 'a' not like '{%' and 'b' in ('{{ c }}', '{#')")
    sql = dialects.finish(untemplated(query), engine).sql(dialect=engine)
    assert rendered(sql) == sql


def test_a_name_that_would_be_a_template_is_told_in_one_line() -> None:
    with pytest.raises(CrmKpiError, match=r"the name `\{\{deal\}\}` holds what Superset"):
        untemplated(parse_one('select "{{deal}}" from deals', dialect="duckdb"))


def test_every_dataset_that_we_ship_renders_to_itself() -> None:
    assert EXPORTS
    for path in EXPORTS:
        dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
        texts = [dataset["sql"], *(metric["expression"] for metric in dataset["metrics"])]
        assert [rendered(text) for text in texts] == texts, path.name


@pytest.mark.parametrize("name", sorted(connectors()))
def test_every_query_of_a_connector_renders_to_itself(name: str) -> None:
    chosen = connectors()[name]
    if chosen.schema is None:
        return  # it has none of its own
    files = [*(m.file for m in chosen.mappings({}).values()), *chosen.parts.values()]
    for file in files:
        made = untemplated(parse_sql(file.sql, file.name))
        for engine in ("duckdb", "postgres"):
            sql = dialects.finish(made.copy(), engine).sql(dialect=engine, comments=False)
            assert rendered(sql) == sql, file.path.name


def test_a_live_fact_whose_mapping_looks_for_a_brace_renders_to_itself() -> None:
    chosen = connectors()["pipedrive"]
    assert chosen.schema is not None
    landing = next(iter(chosen.landings))
    source = Source.model_validate({"connector": chosen.name, "landing": landing, "schema": "raw"})
    tables = {("raw", t): dict.fromkeys(c, "text") for t, c in chosen.schema.items()}
    model = load_model()
    settings = CompileSettings()
    mapped = MappedSource.bind("crm", source, chosen, Snapshot(tables), "duckdb", model, {})
    compiler = Compiler(model, load_catalog(), LiveRelations(model, [mapped], settings), settings)
    sql = compiler.fact("accounts", ["account_id", "owner"])
    assert "'{' || '%'" in sql
    assert rendered(sql) == sql
