"""From a row of a list to the record in the vendor's own application."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from superset_crmkpi.bundle.record_links import RecordLinks
from superset_crmkpi.connectors.records import OPENED, OpenedRecords
from superset_crmkpi.connectors.registry import connector, connectors
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.testing import bench_of
from tests.anchors import address, expected
from tests.engines import Engine, open_engine, reprinted
from tests.seeds import by_turns, examples

ROOT = Path(__file__).parents[1]
WRITTEN: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("record_pages.yaml").read_text(encoding="utf-8")
)
#: those that map no entity of their own
OTHERS = {"profile", "sql"}


def links(name: str, chosen: str, **more: Any) -> RecordLinks:
    """Those of one source of a profile."""
    source = Source.model_validate({"connector": chosen, **more})
    return RecordLinks([OpenedRecords.of(name, source, connector(chosen).records)])


def test_of_every_connector_somebody_wrote_down_where_its_records_are_opened() -> None:
    assert set(WRITTEN) == set(connectors()) - OTHERS
    for name, written in WRITTEN.items():
        mapped = set(connectors()[name].mappings({}))
        assert set(written) - {"base"} >= mapped & set(OPENED), name
        assert set(written) - {"base"} >= set(connectors()[name].records.pages), name


@by_turns(2)
@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_record_of_the_fixtures_is_opened_where_the_vendor_shows_it(name: str) -> None:
    written = dict(WRITTEN[name])
    made = links("bench", name, record_base=written.pop("base", {}))
    unseen = {(entity, key) for entity, ids in written.items() for key in ids}
    for landing in connector(name).landings:
        bench = bench_of(connector(name), ROOT / "plugins" / f"crmkpi-{name}" / "fixtures", landing)
        for entity, ids in written.items():
            sql = made.expression({"id": entity}, bench.model, "duckdb") or "''"
            text = bench.project.live.entity(entity)
            rows = bench.query(f"select source_id, {sql} as link from ({text}) as t")
            for native, link in zip(rows["source_id"], rows["link"], strict=True):
                if native in ids:
                    assert address(link) == ids[native], (landing, entity, native)
                    unseen.discard((entity, native))
    assert not unseen


@pytest.fixture(
    scope="module", params=["clickhouse", "duckdb", "mariadb", "postgres", "spark", "sqlite"]
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    opened = open_engine(request.param)
    yield opened
    opened.close()


#: two sources of one vendor, one whose ids are not numbers, and one without an address
SOURCES = [
    OpenedRecords.of(name, Source.model_validate(source), connector(source["connector"]).records)
    for name, source in {
        "help": {"connector": "zendesk", "record_base": "https://acme.zendesk.com"},
        "help2": {"connector": "zendesk", "record_base": "https://beta.zendesk.com"},
        "crm": {"connector": "dynamics365", "record_base": "http://crm.acme.example:8080/org/"},
        "mute": {"connector": "hubspot"},
    }.items()
]
FORM = "http://crm.acme.example:8080/org/main.aspx?etn=account&id="
PAGES = [
    ("help:", "[0-9]+", "https://acme.zendesk.com/agent/organizations/", ""),
    ("help:sell-", "[0-9]+", "https://acme.zendesk.com/sales/contacts/", ""),
    ("help2:", "[0-9]+", "https://beta.zendesk.com/agent/organizations/", ""),
    ("help2:sell-", "[0-9]+", "https://beta.zendesk.com/sales/contacts/", ""),
    ("crm:", "[0-9A-Za-z_-]+", FORM, "&pagetype=entityrecord"),
]
HOSTILE = [
    *("1", "007", "sell-7", "A-b_9", "", " ", " 1", "1 ", "1\n", "1\r\n", "1\t", "sell-", "sell-x"),
    *("1'2", '1"2', '1" onclick="alert(1)', "1><script>alert(1)</script>", "</a><b>", "1&amp;2"),
    *("javascript:alert(1)", "../1", "..", "1/2", "1?x=1", "1#x", "1%22", "1\\2", "1;2", "a:b"),
    *(
        "K",
        "\u212a",
        "\u017f",
        "\u0131",
        "\u0661\u0662",
        "\uff11",
        "\u00e4",
        "1\u200b",
        "\U0001f600",
    ),
    *("kim@acme.example", "{{ 1 }}", "$1", "%s", "1.5", "+1", "1e5", "\u2028", "\x7f"),
]
NUMBERS = count()
ids = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            lambda source, native: source + native,
            st.sampled_from(["help:", "help:sell-", "help2:", "crm:", "mute:", "crm", "x:", ""]),
            st.one_of(
                st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
                st.from_regex(r"[0-9]{1,9}", fullmatch=True),
                st.from_regex(r"[A-Za-z0-9_-]{1,9}", fullmatch=True),
                st.sampled_from(HOSTILE),
            ),
        ),
    ),
    min_size=20,
    max_size=60,
)


@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(records=ids)
@example(records=[s + h for s in ("help:", "help:sell-", "crm:", "mute:") for h in HOSTILE])
def test_no_id_leaves_the_address_and_all_engines_give_the_same_links(
    engine: Engine, records: list[str | None]
) -> None:
    import pandas as pd

    sql = RecordLinks(SOURCES).expression({"account_id": "account"}, ["account"], engine.dialect)
    name = f"record_ids_{next(NUMBERS)}"
    table = f"{engine.schema}.{name}" if engine.schema else name
    numbered = pd.DataFrame({"n": range(len(records)), "account_id": records})
    engine.load(name, {"n": "bigint", "account_id": "text"}, numbered)
    try:
        text = f"SELECT n, {sql} AS record_link FROM {table} AS virtual_table"
        rows = engine.query(reprinted(text, engine.dialect))
    finally:
        engine.execute(f"drop table {table}")
    found = dict(zip(rows["n"], rows["record_link"], strict=True))
    for n, record in enumerate(records):
        assert address(found[n]) == expected(record, PAGES), repr(record)


def test_a_list_of_several_kinds_of_records_opens_each_as_what_it_is() -> None:
    import duckdb

    made = links("hs", "hubspot", record_base="https://app.hubspot.com/contacts/1")
    sql = made.expression({"record_id": "object"}, ["account", "contact"], "duckdb")
    rows = duckdb.sql(
        f"select {sql} from (values ('account', 'hs:5'), ('contact', 'hs:5'), ('stage', 'hs:5'))"
        " as t(object, record_id)"
    ).fetchall()
    where = "https://app.hubspot.com/contacts/1/record"
    assert [address(html) for (html,) in rows] == [f"{where}/0-2/5", f"{where}/0-1/5", ""]


def test_a_list_opens_the_first_record_that_has_a_page() -> None:
    import duckdb

    made = links("pd", "pipedrive", record_base="https://acme.pipedrive.com")
    opens = {"opportunity_id": "opportunity", "account_id": "account"}
    sql = made.expression(opens, ["account", "opportunity"], "duckdb")
    rows = duckdb.sql(
        f"select {sql} from (values ('pd:1', 'pd:2'), (null, 'pd:2'), ('x:1', 'pd:2'), "
        "(null, null)) as t(opportunity_id, account_id)"
    ).fetchall()
    deal, firm = "https://acme.pipedrive.com/deal/1", "https://acme.pipedrive.com/organization/2"
    assert [address(html) for (html,) in rows] == [deal, firm, firm, ""]


def test_a_profile_may_write_pages_of_its_own_in_place_of_the_connectors() -> None:
    import duckdb

    form = "{base}/main.aspx?appid=abc&etn=lead&id={id}&pagetype=entityrecord"
    base = "https://acme.crm4.dynamics.com"
    made = links("crm", "dynamics365", record_base=base, record_pages={"lead": form})
    sql = made.expression({"lead_id": "lead"}, ["lead"], "duckdb")
    ((html,),) = duckdb.sql(f"select {sql} from (select 'crm:7' as lead_id)").fetchall()
    assert address(html) == f"{base}/main.aspx?appid=abc&etn=lead&id=7&pagetype=entityrecord"


def test_without_an_address_there_is_no_link() -> None:
    assert links("crm", "hubspot").expression({"lead_id": "lead"}, ["lead"], "duckdb") is None
    given_one = links("desk", "freshworks", record_base={"desk": "https://acme.freshdesk.com"})
    assert given_one.expression({"deal": "opportunity"}, ["opportunity"], "duckdb") is None
    assert given_one.expression({"ticket_id": "ticket"}, ["ticket"], "duckdb")
