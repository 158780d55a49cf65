"""A fact that shows personal data has to say so, and what it says is kept to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import parse_sql
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.personal import LEFT_OUT, impersonal
from superset_crmkpi.dashboards.spec import Dashboard
from superset_crmkpi.plugins.definitions import beside, built_in
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.query.carried import carried
from superset_crmkpi.query.prune import qualified

SCHEMA = {
    "person": {"id": "text", "mail": "text", "born": "date", "visits": "bigint"},
    "firm": {"id": "text", "boss_id": "text", "name": "text"},
}
HELD = [
    "select p.mail as x from person as p",
    "select lower(trim(p.mail)) || '!' as x from person as p",
    "select case when p.visits > 1 then p.mail else '' end as x from person as p",
    "select coalesce(f.name, p.mail) as x from firm as f left join person as p on p.id = f.boss_id",
    "select max(p.mail) as x from person as p",
    "select first_value(p.mail) over (partition by p.visits order by p.id) as x from person as p",
    "with a as (select p.* from person as p) select a.mail as x from a",
    "with person as (select person.mail as id from person) select person.id as x from person",
    "select f.name as x from firm as f union all select p.mail as x from person as p",
    "select s.m as x from (select p.mail as m from person as p) as s",
    "select (select max(p.mail) from person as p where p.id = f.boss_id) as x from firm as f",
    "select f.name as x from (select mail as name from person) as f",
]
NOT_HELD = [
    "select f.name as x from firm as f join person as p on p.id = f.boss_id and p.mail <> ''",
    "select case when p.mail like '%@%' then 'yes' when p.mail is null then 'no' end as x"
    " from person as p",
    "select count(distinct p.mail) as x from person as p",
    "select length(p.mail) as x from person as p",
    "select row_number() over (partition by p.mail order by p.mail) as x from person as p",
    "with person as (select f.name as mail from firm as f) select person.mail as x from person",
    "select p.mail is null or p.mail in ('a', 'b') as x from person as p",
]


@pytest.mark.parametrize(
    ("sql", "held"), [*((s, True) for s in HELD), *((s, False) for s in NOT_HELD)]
)
def test_a_value_is_followed_and_not_what_is_concluded_from_it(sql: str, held: bool) -> None:
    query: Any = parse_sql(sql, "test")
    found = carried(qualified(query, SCHEMA), {"person": {"mail"}})
    assert ("x" in found) is held


def test_columns_of_the_model_that_sound_like_a_person_are_personal_data() -> None:
    sounds = re.compile(r"(^|_)(first|last|full)_name$|e?mail$|phone|mobile|recipient|subject"
                        r"|comment|message|body|description|(^|_)text$|^custom$")  # fmt: skip
    excused = {"user.email": "one's own staff, whom row-level rules and accountability need"}
    found = {
        f"{entity.name}.{column.name}"
        for entity in load_model(built_in()).values()
        for column in entity.columns.values()
        if column.type == "text" and sounds.search(column.name) and not column.personal
    }
    assert found == set(excused)


PROFILE = """database: {name: w}
sources: {crm: {connector: salesforce, landing: fivetran}}
definitions: crm
"""
FACT = """/*---
label: Calls to make
grain: one row per contact
time: created_date
needs: [contact]
dimensions: {job: Job}
---*/
select
  c.id as contact_id, c.created_date, coalesce(c.job_title, '(none)') as job,
  c.first_name || ' ' || c.last_name as who, case when c.phone is null then 0 else 1 end as has_it
from contact as c
"""
TOLD = "folder crm: calls.sql line {line}: `personal`: "


def calls(folder: Path, *more: str, fact: str = FACT) -> Path:
    path = folder / "crm" / "sql" / "facts" / "calls.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fact.replace("needs:", "\n".join([*more, "needs:"])))
    (folder / "crmkpi.yaml").write_text(PROFILE)
    return folder / "crmkpi.yaml"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "line 1: `personal`: `who` holds personal data: name it here, with the id to show in"),
        ("personal: {who: job_id}", "line 5: `personal`: `who: job_id`: name a column of the SEL"),
        ("personal: [who, whom]", "line 5: `personal`: `whom` is not a column of the SELECT"),
        ("personal: [who, created_date]", "line 5: `personal`: `created_date` is needed as `time`"),
        ("personal: who", "front matter, key `personal`"),
    ],
)
def test_a_fact_of_a_company_that_does_not_say_it_stops_every_command(
    tmp_path: Path, line: str, told: str
) -> None:
    path = calls(tmp_path, *([line] if line else []))
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert told in caught.value.message
    assert "\n" not in caught.value.message


def test_what_another_fact_declares_is_personal_data_where_it_is_read(tmp_path: Path) -> None:
    fact = FACT.replace("c.first_name || ' ' || c.last_name", "l.lead_name").replace(
        "from contact as c", "from contact as c cross join leads as l"
    )
    with pytest.raises(CrmKpiError, match="`who` holds personal data"):
        load_profile(calls(tmp_path, fact=fact))


def test_a_number_that_needs_personal_data_is_refused_with_what_to_count(tmp_path: Path) -> None:
    measure = "measures: {people: {label: People, unit: count, sql: count(distinct who)}}"
    path = calls(tmp_path, "personal: {who: contact_id}", measure)
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert caught.value.message == (
        TOLD.format(line=5) + "the measure `people` reads `who`, which is personal data; "
        "take `contact_id` in its place"
    )
    assert load_profile(calls(tmp_path, "personal: {who: contact_id}")).personal_data is False


def test_a_select_distinct_shows_no_personal_data_and_keeps_its_rows(tmp_path: Path) -> None:
    fact = FACT.replace("select\n", "select distinct\n", 1)
    calls(tmp_path, "personal: [who]", fact=fact)
    folders = beside([tmp_path / "crm"])
    catalog, model = load_catalog(folders), load_model(folders)
    compiler = Compiler(model, catalog, BuiltRelations(), CompileSettings())
    query: Any = parse_sql(compiler.fact("calls", compiler.shown("calls")), "test")
    assert query.named_selects == ["contact_id", "created_date", "job", "has_it"]
    assert query.args.get("distinct") is None
    assert "DISTINCT" in query.sql()


def board(**tile: Any) -> Dashboard:
    tiles = [{"width": 12, "title": "Leads", **tile}]
    return Dashboard.model_validate({
        "audience": "x", "title": "X", "slug": "x", "description": "X.",
        "filters": [
            {"label": "Lead", "column": "lead_name", "from": "leads"},
            {"label": "Owner", "column": "owner", "from": "leads"},
        ],
        "tabs": [{"title": "X", "use": "operating", "rows": [{"tiles": tiles}]}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            {"fact": "leads", "chart": "list", "columns": ["lead_name", "owner", "lead_id"],
             "order": "-lead_name"},
            {"columns": ["lead_id", "owner"], "order": "-lead_id"},
        ),
        (
            {"fact": "customer_messages", "chart": "list", "columns": ["message", "tone"],
             "order": "message_date"},
            {"columns": ["message_id", "tone"], "order": "message_date"},
        ),
        (
            {"kpi": "qualified_rate", "chart": "ranking", "by": "lead_name"},
            {"by": ["lead_id"], "kpi": ["qualified_rate"]},
        ),
    ],
)  # fmt: skip
def test_a_tile_shows_the_id_in_its_place_and_stays_the_same_tile(
    given: dict[str, Any], shown: dict[str, Any]
) -> None:
    before = board(**given)
    after = impersonal(before, load_catalog())
    assert [one.column for one in after.filters] == ["owner"]
    (tile,) = after.tiles
    assert {key: getattr(tile, key) for key in shown} == shown
    assert tile.name == before.tiles[0].name
    assert tile.text is None


def test_a_tile_of_chosen_people_says_what_it_cannot_show() -> None:
    given = board(kpi="qualified_rate", chart="number", where={"lead_name": "Ann"})
    (tile,) = impersonal(given, load_catalog()).tiles
    assert tile.text == f"#### Leads\n\n{LEFT_OUT}"


def test_a_tile_without_personal_data_is_left_alone() -> None:
    given = board(kpi="qualified_rate", chart="ranking", by="owner", order="owner")
    assert impersonal(given, load_catalog()).tabs == given.tabs
