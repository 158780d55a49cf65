"""Numbers and texts with something filled in, as a language writes them."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.spoken import in_language
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.dimensions import with_columns, with_dimensions
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.language.language import ENGLISH, Language, language
from superset_crmkpi.language.numbers import Numbers
from superset_crmkpi.language.text import Text
from superset_crmkpi.plugins.definitions import built_in
from superset_crmkpi.profile.fields import CustomField
from superset_crmkpi.query.say import spoken
from tests.engines import ENGINES, compiled, open_engine
from tests.seeds import turn

CODES = ("de", "en", "es", "fr", "ja")


# -- numbers --------------------------------------------------------------------------------------

WRITTEN = [
    ("money", 15400.0, "€ 15.4k", "15,4k €"),
    ("money", -1234567.0, "€ -1.23M", "-1,23M €"),
    ("percent", 0.2535, "25.4%", "25,4\u00a0%"),
    ("ratio", 1.5, "1.5", "1,5"),
    ("days", 12.0, "12 days", "12 Tage"),
    ("count", 1234.0, "1234", "1234"),
]


@pytest.mark.parametrize(("unit", "value", "english", "german"), WRITTEN)
def test_numbers_in_texts_are_of_the_language(
    unit: str, value: float, english: str, german: str
) -> None:
    said = Numbers("€", language("de", built_in())).written(unit, value)
    assert Numbers("€").written(unit, value) == english
    assert said.replace("\u00a0€", " €") == german


@turn("kind", ENGINES)
@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("code", CODES)
def test_sql_writes_numbers_as_python_does(kind: str, code: str) -> None:
    numbers = Numbers("€", language(code, built_in()))
    engine = open_engine(kind)
    try:
        for unit, value, _, _ in WRITTEN:
            sql = compiled(f"select {numbers.text_of(unit, repr(value))} as t", engine.dialect)
            assert engine.query(sql)["t"][0] == numbers.written(unit, value), (unit, code)
    finally:
        engine.close()


# -- texts with something filled in ---------------------------------------------------------------


def test_a_text_remembers_what_it_was_filled_with() -> None:
    text = Text("Needs {what}: map `{name}`.", what="tickets", name="ticket")
    assert text == "Needs tickets: map `ticket`."
    german = Language(
        "de", {"Needs {what}: map `{name}`.": "`{name}` fehlt: {what}", "tickets": "T"}
    )
    assert german.say(text) == "`ticket` fehlt: T"
    assert ENGLISH.say(text) == text


def test_a_fact_says_its_texts_in_the_order_of_the_language() -> None:
    query = parse_one("select crm_say('{1} of {2}', a, crm_say('b')) as t from x", dialect="duckdb")
    words = {"{1} of {2}": "von {2}: {1}", "b": "B"}
    said = spoken(query, lambda text: words[text]).sql(dialect="duckdb")
    assert said == "SELECT 'von ' || 'B' || ': ' || a AS t FROM x"


@pytest.mark.parametrize("call", ["crm_say(a)", "crm_say('{1}')", "crm_say('x', a)", "crm_say()"])
def test_a_text_that_cannot_be_said_is_told(call: str) -> None:
    with pytest.raises(CrmKpiError, match="crm_say"):
        spoken(parse_one(f"select {call}", dialect="duckdb"), str)


def test_a_fact_with_columns_of_a_profile_says_its_texts_too() -> None:
    """Its SQL was parsed and printed again."""
    fields = {
        "opportunity.is_key": CustomField.model_validate(
            {"type": "boolean", "facts": ["opportunities"], "from": {"crm": "is_key"}}
        )
    }
    model = with_columns(load_model(built_in()), fields)
    spoken_in = Language("de", {"Add the exchange rate of {1}": "Kurs von {1} eintragen"})
    catalog = in_language(load_catalog(built_in()), spoken_in)
    catalog = with_dimensions(catalog, model, fields)
    compiler = Compiler(model, catalog, BuiltRelations(), CompileSettings())
    sql = compiler.fact("opportunities", ["next_action"])
    assert "'Kurs von ' || " in sql
    assert " || ' eintragen'" in sql


def test_two_languages_of_one_code_do_not_share_what_is_compiled() -> None:
    """A company's own translations stand in the place of ours."""
    model = load_model(built_in())
    for word in ("Kurs", "Umrechnung"):
        spoken_in = Language("de", {"Add the exchange rate of {1}": f"{word} von {{1}}"})
        catalog = in_language(load_catalog(built_in()), spoken_in)
        compiler = Compiler(model, catalog, BuiltRelations(), CompileSettings())
        assert f"'{word} von ' || " in compiler.fact("opportunities", ["next_action"])
