"""One company in several systems becomes one account, as a plain reading of the rules has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.cli import main
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from tests.matching_worlds import (
    ACCOUNTS,
    AGENCY,
    TWINS,
    UNCLEAR,
    Bench,
    one,
    profile,
    world,
    worlds,
)
from tests.oracles.account_matches import SOURCES, Row, Truth, World
from tests.real.conftest import Answers
from tests.seeds import by_turns, examples, turn
from tests.warehouses import postgres

#: each engine has its turn, another one each day
pytestmark = turn("bench", ["duckdb", "postgres"])


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "postgres":
        for engine in postgres("matching"):
            yield Bench(engine)
        return
    yield Bench(sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True))


RULE_NAMES = {"map": "map", "domain": "domain", "email": "e-mail", None: None}


@by_turns(2)
@given(worlds())
@example(TWINS)
@example(UNCLEAR)
@example(AGENCY)
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_matching_is_what_the_rules_say(bench: Bench, world: World) -> None:
    bench.fill(world)
    truth = Truth(world)
    matches = {row["id"]: row for row in bench.rows("account_match")}
    assert {
        key: (row["status"], row["matched_by"], row["candidates"], row["account_id"])
        for key, row in matches.items()
    } == {
        key: (status, RULE_NAMES[rule], n, truth.resolved[key] if status == "matched" else None)
        for key, (status, rule, n) in truth.how.items()
    }
    accounts = bench.rows("account")
    assert sorted(row["id"] for row in accounts) == sorted(set(truth.resolved.values()))
    tickets = {row["id"]: row["account_id"] for row in bench.rows("ticket")}
    assert tickets == {
        f"{s}:{row['id']}": truth.account(s, row["account"])
        for s in SOURCES
        for row in world[s]["tickets"]
    }
    for row in accounts:
        assert row["name"] == truth.living[row["id"]]["name"]
        assert row["segment"] == truth.first(row["id"], "segment")


@by_turns(2)
def test_ambiguous_accounts_name_two_of_those_in_question(bench: Bench) -> None:
    bench.fill(UNCLEAR)
    (row,) = bench.rows("account_match")
    assert (row["status"], row["candidates"]) == ("ambiguous", 2)
    assert (row["candidate_id"], row["other_candidate_id"]) == ("crm:c1", "crm:c2")
    facts = bench.answers.fact("account_matches", ["account_name", "candidate", "other_candidate"])
    assert facts.to_numpy().tolist() == [["A", "A north", "A south"]]


@by_turns(2)
def test_the_rules_are_asked_in_the_order_of_the_profile(bench: Bench) -> None:
    both = world(
        crm=[one(id="c1", name="one", domain="a.example"), one(id="c2", name="two")],
        desk=[one(id="d1", name="which", domain="a.example")],
    )
    for source, account in (("crm", "c2"), ("desk", "d1")):
        both[source]["contacts"] = [
            {"id": "p", "account": account, "email": "jo@x.example", "gone": False}
        ]
    bench.fill(both)
    for by, wanted in (
        (["domain", "email"], "crm:c1"),
        (["email", "domain"], "crm:c2"),
        (["map"], None),
    ):
        project = Project(profile(by=by), bench.engine)
        (row,) = Answers(project).entity("account_match").to_dict("records")
        assert row["account_id"] == wanted


@by_turns(2)
def test_built_tables_hold_the_same(bench: Bench) -> None:
    bench.fill(TWINS)
    project = Project(profile(schema="built_matches"), bench.engine)
    build(project)
    for entity in ("account", "account_match"):
        names = ["id", "name", "segment" if entity == "account" else "account_id"]
        live = Answers(project).rows(project.live.entity(entity))[names]
        built = Answers(project).rows(f"select {', '.join(names)} from built_matches.{entity}")
        assert sorted(map(str, live.to_numpy().tolist())) == sorted(
            map(str, built.to_numpy().tolist())
        )


@by_turns(2)
def test_the_fact_says_what_is_matched_and_what_to_do(bench: Bench) -> None:
    mixed = world(
        crm=[*UNCLEAR["crm"]["accounts"], one(id="c3", name="Three", desk_id="d3")],
        billing=[one(id="b4", name="Lonely", domain="d.example")],
        desk=[*UNCLEAR["desk"]["accounts"], one(id="d3", name="III")],
    )
    bench.fill(mixed)
    sql = bench.project.live.fact("account_matches")
    frame = bench.answers.rows(sql).set_index("account_name").sort_index()
    assert (frame["as_of_date"] == frame["as_of_date"].iloc[0]).all()
    columns = ["source", "status", "matched_by", "matched_account", "website_domain"]
    assert frame[columns].to_numpy().tolist() == [
        ["desk", "ambiguous", "domain", "(none)", "a.example"],
        ["desk", "matched", "map", "Three", "(none)"],
        ["billing", "unmatched", "(none)", "(none)", "d.example"],
    ]
    columns = ["candidates", "candidate", "other_candidate"]
    assert frame[columns].to_numpy().tolist() == [
        [2, "A north", "A south"],
        [1, "(none)", "(none)"],
        [0, "(none)", "(none)"],
    ]
    flags = ["is_matched", "is_ambiguous", "is_unmatched", "is_to_do"]
    assert frame[flags].to_numpy().tolist() == [[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 1, 1]]
    actions = [action.split()[0] for action in frame["next_action"]]
    assert actions == ["Say", "(none)", "Create"]
    fact = bench.project.catalog.facts["account_matches"]
    asked = ", ".join(f"{m.sql} as {name}" for name, m in fact.meta.measures.items())
    (measures,) = bench.answers.rows(f"select {asked} from ({sql}) as f").to_dict("records")
    assert {name: float(value) for name, value in measures.items()} == {
        "match_rate": pytest.approx(1 / 3),
        "accounts_of_others": 3,
        "ambiguous_accounts": 1,
        "unmatched_accounts": 1,
    }


@by_turns(2)
def test_the_fact_is_the_same_live_and_built(bench: Bench) -> None:
    bench.fill(UNCLEAR)
    project = Project(profile(schema="built_unclear"), bench.engine)
    build(project)
    answers = Answers(project)
    live, built = (c.fact("account_matches") for c in (project.live, project.built))
    assert answers.rows(live).to_numpy().tolist() == answers.rows(built).to_numpy().tolist()
    assert len(answers.rows(live)) == 1


@by_turns(2)
def test_the_dashboard_shows_rate_and_ambiguous_ones_only_where_sources_are_matched(
    bench: Bench,
) -> None:
    titles = {
        a["slice_name"]
        for path, a in bench.project.bundle().assets.items()
        if path.startswith("charts/")
    }
    assert any(title.startswith("Accounts matched across systems") for title in titles)
    alone = Profile.model_validate({**profile().model_dump(by_alias=True), "accounts": None})
    assets = Project(alone, bench.engine).bundle().assets
    assert not any("account_match" in path for path in assets)


@by_turns(2)
def test_the_doctor_tells_the_match_rate_and_the_ambiguous_ones(tmp_path: Path) -> None:
    uri = f"duckdb:///{tmp_path / 'three.duckdb'}"
    engine = sa.create_engine(uri, future=True)
    three = Bench(engine)
    mixed = world(**{s: [*UNCLEAR[s]["accounts"], *TWINS[s]["accounts"][1:]] for s in SOURCES})
    mixed["crm"]["accounts"].append(one(id="c5", name="Both", desk_id="d2"))
    three.fill(mixed)
    engine.dispose()
    path = tmp_path / "crmkpi.yaml"
    given = {**json.loads(profile().model_dump_json(by_alias=True)), "database": {"name": "x"}}
    given["database"]["uri"] = f"{uri}?access_mode=read_only"
    path.write_text(yaml.safe_dump(given))
    done = CliRunner().invoke(
        main, ["doctor", "--quick", "--profile", str(path), "--format", "json"]
    )
    told = json.loads(done.stdout[done.stdout.index("{") :])["account_matching"]
    desk = next(one for one in told if one["source"] == "desk")
    assert (desk["accounts"], desk["matched"], desk["ambiguous"]) == (2, 1, 1)
    assert (desk["rate"], desk["by"]) == (0.5, {"map": 1})
    assert desk["unclear"] == [["A", "desk:d1", 2, "crm:c1", "crm:c2"]]
    text = CliRunner().invoke(main, ["doctor", "--quick", "--profile", str(path)]).output
    assert (
        "Accounts of desk: 1 of 2 matched (50%): 1 by map; 1 ambiguous, 0 without a match" in text
    )
    assert "desk:d1" in text


MISWRITTEN: list[tuple[Row, str]] = [
    ({"sources": ["crm"]}, r"`accounts\.sources`"),
    ({"sources": ["crm", "ads"], "map": {}}, "no source `ads`; there are: billing, crm, desk"),
    ({"sources": ["crm", "crm"], "map": {}}, "name each source and each rule once"),
    ({"by": ["phone"]}, r"`accounts\.by\.0`"),
    ({"map": {"crm": {"column": "x"}}}, r"`map\.crm` is not one of the sources after the first"),
]


@by_turns(2)
@pytest.mark.parametrize(("accounts", "message"), MISWRITTEN)
def test_a_miswritten_section_is_one_line(tmp_path: Path, accounts: Row, message: str) -> None:
    given = json.loads(profile().model_dump_json(by_alias=True))
    path = tmp_path / "crmkpi.yaml"
    path.write_text(yaml.safe_dump({**given, "accounts": {**ACCOUNTS, **accounts}}))
    with pytest.raises(CrmKpiError, match=rf"crmkpi\.yaml line \d+: .*{message}"):
        load_profile(path)


@by_turns(2)
def test_a_source_without_accounts_and_a_column_of_nobody_are_told(bench: Bench) -> None:
    with pytest.raises(
        CrmKpiError, match=r"no source gives `account\.erp_id`; add it under `fields`"
    ):
        _ = Project(profile(map={"desk": {"held_in": "erp_id"}}), bench.engine).matching
    given = json.loads(profile().model_dump_json(by_alias=True))
    del given["sources"]["desk"]["entities"]["account"]
    with pytest.raises(
        CrmKpiError, match=r"`accounts\.sources`: desk has no accounts; leave it out"
    ):
        _ = Project(Profile.model_validate(given), bench.engine).matching
