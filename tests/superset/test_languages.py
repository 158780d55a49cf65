"""A dashboard in another language, in Superset: its words are that language's, its numbers ours."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.language.language import Language, language
from superset_crmkpi.plugins.definitions import built_in
from superset_crmkpi.project.project import Project
from tests.seeds import in_turn
from tests.superset import small_company as company
from tests.superset.asking import Viewer
from tests.superset.test_labels import STATUS, asked

pytestmark = pytest.mark.superset
#: one a day
TODAYS = in_turn(["de", "es", "fr", "ja"])


@pytest.fixture(scope="module", params=TODAYS)
def spoken(request: pytest.FixtureRequest) -> Language:
    return language(request.param, built_in())


@pytest.fixture(scope="module")
def viewer(spoken: Language, installer: Any, tmp_path_factory: pytest.TempPathFactory) -> Viewer:
    path = tmp_path_factory.mktemp("languages") / "mini.duckdb"
    company.fill(path, [*company.BAD, ("open", 3, None)])
    english = company.project(path)
    profile = english.profile.model_copy(update={"language": spoken.code})
    made = Project(profile, english.engine)
    made.dashboards = [board for board in made.dashboards if board.audience == "pipeline"]
    found: Viewer = installer(made.bundle(uri=f"duckdb:///{path}?access_mode=read_only"))
    return found


def test_titles_and_values_are_of_the_language_and_numbers_stay(
    viewer: Viewer, spoken: Language
) -> None:
    (board,) = viewer.boards()
    title = spoken.say("Pipeline Operations")
    assert board.title == f"Mini: {title}"
    assert title != "Pipeline Operations"
    found = {row[STATUS]: row for row in asked(viewer, [STATUS])}
    assert set(found) == {spoken.say(word) for word in ("Won", "Lost", "Open")}
    assert found[spoken.say("Won")]["won_deals"] == 9
    assert found[spoken.say("Open")]["open_deals"] == 3
    (chosen,) = asked(viewer, [STATUS], **{STATUS: [spoken.say("Won")]})
    assert chosen["won_deals"] == 9


def test_cards_answer_in_it_and_texts_say_what_to_connect(viewer: Viewer, spoken: Language) -> None:
    (board,) = viewer.boards()
    cards = [t for t in board.tiles if spoken.say("Question") in str(t.params.get("metrics"))]
    assert len(cards) >= 5
    said = [str(viewer.tile(tile)) for tile in cards]
    statuses = {spoken.say(word) for word in ("Act", "Watch", "On track")}
    assert any(word in rows for rows in said for word in statuses)
    lacking = spoken.say("No data yet. {reason}").partition("{")[0]
    assert sum(lacking in text for text in board.texts) >= 5
