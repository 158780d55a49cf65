"""People's edits, made to a new version: all of them are there, and all that is new as well."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from superset_crmkpi.installer.edits import (
    as_content,
    as_tree,
    edits,
    inserted,
    replayed,
    value_at,
)

KEYS = st.sampled_from("abcd")
TREES = st.recursive(
    st.dictionaries(KEYS, st.integers(0, 2), max_size=3),
    lambda inner: st.dictionaries(KEYS, st.one_of(st.integers(0, 2), inner), max_size=3),
    max_leaves=12,
)
ORDERS = st.permutations(list(range(6))).flatmap(
    lambda order: st.integers(0, 6).map(lambda n: list(order[:n]))
)


@given(TREES, TREES)
def test_edits_of_what_did_not_change_since_give_what_people_have(old: Any, theirs: Any) -> None:
    made = replayed(list(edits(old, theirs)), old, old)
    assert made.content == theirs
    assert not made.conflicts


@given(TREES, TREES)
def test_without_edits_the_new_version_is_as_it_is(old: Any, new: Any) -> None:
    assert list(edits(old, old)) == []
    assert replayed([], old, new).content == new


@given(TREES, TREES, TREES)
def test_no_edit_is_lost_unsaid(old: Any, theirs: Any, new: Any) -> None:
    changes = list(edits(old, theirs))
    made = replayed(changes, old, new)
    told = {edit.path for edit in made.conflicts}
    for edit in changes:
        if edit.path not in told:
            assert value_at(made.content, edit.path) == edit.after, edit
    ours = replayed(changes, old, new, take="ours")
    for edit in ours.conflicts:
        if all(kept.path != edit.path[: len(kept.path)] for kept in ours.kept):
            assert value_at(ours.content, edit.path) == value_at(new, edit.path)


@given(TREES, TREES, TREES)
def test_what_is_new_where_nobody_edited_arrives(old: Any, theirs: Any, new: Any) -> None:
    changes = list(edits(old, theirs))
    made = replayed(changes, old, new).content
    for change in edits(old, new):
        around = [e for e in changes if e.path[: len(change.path)] == change.path]
        above = [e for e in changes if change.path[: len(e.path)] == e.path]
        if not around and not above:
            assert value_at(made, change.path) == change.after


@given(ORDERS, ORDERS, ORDERS)
def test_an_order_holds_what_either_side_put_in_and_nothing_that_one_took_out(
    old: list[int], new: list[int], theirs: list[int]
) -> None:
    made = inserted(old, new, theirs)
    wanted = {*new, *theirs} - (({*old} - {*new}) | ({*old} - {*theirs}))
    assert sorted(made) == sorted(wanted)
    assert [item for item in made if item in theirs] == [item for item in theirs if item in made]


def test_named_lists_come_back_in_their_order() -> None:
    content = {
        "metrics": [{"metric_name": "b", "extra": {}}, {"metric_name": "a", "extra": None}],
        "columns": [],
        "params": {"metrics": ["a", {"label": "own"}], "columns": []},
    }
    tree = as_tree(content)
    assert list(tree["metrics"]) == ["b", "a"]
    assert as_content(tree) == content
