"""Whose records somebody sees: their own, and those of the people and teams below them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.oracles.viewers import MANAGERS, random_people, seen_by
from tests.oracles.workbench import Workbench
from tests.seeds import examples, seed


@pytest.fixture(scope="module")
def bench() -> Workbench:
    return Workbench("duckdb", ("user", "team"), team_managers=MANAGERS)


def user(key: str, **columns: Any) -> dict[str, Any]:
    return {"id": key, "name": key.title(), "email": f"{key}@x.example", **columns}


def seen(bench: Workbench, *users: dict[str, Any]) -> set[tuple[str, str]]:
    teams = [{"id": "n", "name": "North"}, {"id": "s", "name": "South"}]
    bench.fill({"user": pd.DataFrame(list(users)), "team": pd.DataFrame(teams)})
    found = bench.fact("record_viewers")
    pairs = [
        (who.removesuffix("@x.example"), name) for who, name in found[["viewer", "owner"]].values
    ]
    assert len(pairs) == len(set(pairs))
    return set(pairs)


def test_a_representative_sees_their_own_and_a_manager_the_peoples(bench: Workbench) -> None:
    assert seen(
        bench,
        user("head"),
        user("lead", manager_id="head"),
        user("rep", manager_id="lead"),
        user("other", manager_id="head"),
    ) == {
        ("head", "Head"), ("head", "Lead"), ("head", "Rep"), ("head", "Other"),
        ("lead", "Lead"), ("lead", "Rep"), ("rep", "Rep"), ("other", "Other"),
    }  # fmt: skip


def test_who_is_named_for_a_team_sees_what_its_members_own(bench: Workbench) -> None:
    assert seen(bench, user("ann"), user("rep", team_id="n"), user("other", team_id="s")) == {
        ("ann", "Ann"), ("ann", "Rep"), ("rep", "Rep"), ("other", "Other")
    }  # fmt: skip


def test_one_person_in_two_systems_sees_both(bench: Workbench) -> None:
    assert seen(bench, user("dana"), user("dana2", name="Dana R.", email=" DANA@x.example")) == {
        ("dana", "Dana"), ("dana", "Dana R.")
    }  # fmt: skip


def test_a_name_that_a_stranger_bears_too_is_not_shown(bench: Workbench) -> None:
    assert seen(bench, user("eva"), user("eva2", name="Eva"), user("finn", manager_id="eva")) == {
        ("eva", "Finn"), ("finn", "Finn")
    }  # fmt: skip


def test_their_common_manager_sees_both_of_one_name(bench: Workbench) -> None:
    head = user("head")
    twins = [user(f"eva{n}", name="Eva", manager_id="head") for n in (1, 2)]
    assert seen(bench, head, *twins) == {("head", "Head"), ("head", "Eva")}


def test_nobody_sees_anything_by_an_empty_address(bench: Workbench) -> None:
    assert seen(bench, user("a", email=None), user("b", email=""), user("c", email=" ")) == set()


def test_managers_in_a_circle_end(bench: Workbench) -> None:
    assert seen(bench, user("a", manager_id="b"), user("b", manager_id="a")) == {
        ("a", "A"), ("a", "B"), ("b", "A"), ("b", "B")
    }  # fmt: skip


def test_random_people_see_what_python_says(bench: Workbench) -> None:
    for given in range(seed(), seed() + examples(30)):
        frames = random_people(given)
        bench.fill(frames)
        found = bench.fact("record_viewers")
        assert set(map(tuple, found[["viewer", "owner"]].values)) == seen_by(frames["user"]), given
