"""The functions of `dialects` that look into texts and JSON, executed on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from tests.engines import Engine, compiled, open_engine
from tests.engines.asking import moment, value


@pytest.fixture(
    scope="module", params=["clickhouse", "duckdb", "mariadb", "postgres", "spark", "sqlite"]
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened = open_engine(request.param)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.example/x/y", "a.example"),
        ("a.example", "a.example"),
        ("/x", ""),
        ("ü.example/", "ü.example"),
    ],
)
def test_a_text_is_cut_at_its_first_mark(engine: Engine, text: str, expected: str) -> None:
    assert value(engine, f"crm_before('{text}', '/')") == expected


def test_the_domain_of_an_address_follows_its_sign(engine: Engine) -> None:
    assert value(engine, "crm_mail_domain('jo@mail.a.example')") == "mail.a.example"
    assert value(engine, "crm_mail_domain(cast(null as varchar))") is None


DOCUMENT = (
    '{"owner": {"id": 7, "e-mail": "a@b.example", "tags": ["x", "it\'\'s"]},'
    ' "none": null, "on": true, "amount": "12.50"}'
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("owner.id", "7"),
        ("owner.e-mail", "a@b.example"),
        ("owner.tags[1]", "it's"),
        ("owner.tags[2]", None),
        ("amount", "12.50"),
        ("none", None),
        ("nowhere", None),
        ("nowhere.deeper", None),
    ],
)
def test_a_path_into_json_gives_its_text(engine: Engine, path: str, expected: str | None) -> None:
    assert value(engine, f"crm_json('{DOCUMENT}', '{path}')") == expected


@pytest.mark.parametrize("text", ["", "none", "12,5"])
def test_a_text_that_is_no_json_has_nothing_in_it(engine: Engine, text: str) -> None:
    assert value(engine, f"crm_json('{text}', 'owner.id')") is None


def test_a_flag_in_json_is_a_boolean(engine: Engine) -> None:
    assert value(engine, f"crm_boolean(crm_json('{DOCUMENT}', 'on'))") in (True, 1)
    assert value(engine, f"crm_boolean(crm_json('{DOCUMENT}', 'none'))") is None


def test_a_path_that_is_none_is_refused(engine: Engine) -> None:
    with pytest.raises(CrmKpiError, match="is not a path of JSON keys"):
        value(engine, "crm_json('{}', 'a; b')")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ("0", datetime(1970, 1, 1)),
        ("1774746000.25", datetime(2026, 3, 29, 1, 0, 0, 250_000)),
        ("-1.5", datetime(1969, 12, 31, 23, 59, 58, 500_000)),
        ("cast(null as double)", None),
    ],
)
def test_seconds_since_1970_are_a_moment_of_utc(
    engine: Engine, seconds: str, expected: datetime | None
) -> None:
    assert moment(engine, f"crm_moment(cast({seconds} as double))") == expected


def test_elements_of_a_json_array_are_rows(engine: Engine) -> None:
    given = (
        'select 1 as id, cast(\'[{"k": "a"}, {"k": 2}]\' as text) as items'
        " union all select 2, '[]' union all select 3, null union all select 4, ''"
    )
    canonical = (
        f"with given as ({given}) select e.id, crm_json(e.element, 'k') as k"
        " from (select g.id, crm_elements(g.items) as element from given as g) as e order by 1, 2"
    )
    found = engine.query(compiled(canonical, engine.dialect))
    assert sorted(zip(found["id"].astype(int), found["k"], strict=True)) == [(1, "2"), (1, "a")]


def test_elements_of_a_json_array_of_texts_are_rows(engine: Engine) -> None:
    canonical = (
        "select crm_json(e.element, '') as v from"
        " (select crm_elements(t.items) as element"
        " from (select cast('[\"x\", 3]' as text) as items) as t) as e"
    )
    assert sorted(engine.query(compiled(canonical, engine.dialect))["v"]) == ["3", "x"]
