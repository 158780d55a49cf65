"""A mapping is tried before it is believed: each mistake is one line, no right one is blamed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner, Result

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.cli import main
from superset_crmkpi.connectors.mistakes import Mistake
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.mapping_trial import tried
from superset_crmkpi.project.project import Project
from tests.mapping_mistakes import CASES, CUSTOMERS, TABLES, Case
from tests.seeds import by_turns

RIGHT = (
    "select no as id, customer as account_id, lower(state) as status, chance / 20 as probability"
    " from deals where no < 3 and customer = 'c1'"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'w.duckdb'}", future=True)
    with engine.begin() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement)
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def profile(select: str, **more: Any) -> dict[str, Any]:
    return {
        "database": {"name": "x", "uri": "duckdb:///w.duckdb?access_mode=read_only"},
        "sources": {
            "crm": {
                "connector": "sql",
                "schema": "crm",
                "entities": {"opportunity": select, "account": CUSTOMERS},
                **more,
            }
        },
    }


def project(select: str, **more: Any) -> Project:
    given = Profile.model_validate(profile(select, **more))
    return Project(given)


def mistakes(select: str, **more: Any) -> list[Mistake]:
    return tried(project(select, **more))


def printed(done: Result) -> Any:
    """The JSON of a command, behind its lines of progress."""
    found = re.search(r"^[\[{].*", done.output, re.S | re.M)
    assert found is not None, done.output
    return json.loads(found[0])


def ran(home: Path, select: str, *command: str) -> Result:
    (home / "crmkpi.yaml").write_text(yaml.safe_dump(profile(select)))
    return CliRunner().invoke(main, list(command))


@pytest.mark.parametrize("case", CASES, ids=[case.mistake for case in CASES])
def test_a_mistake_is_told_in_one_line(home: Path, case: Case) -> None:
    found = [(one.mistake, one.line, one.is_error) for one in mistakes(case.select)]
    assert found == [(case.mistake, case.line, case.is_error)]
    assert "\n" not in case.line


def test_a_select_without_a_mistake_is_not_blamed(home: Path) -> None:
    assert mistakes(RIGHT) == []


@by_turns(2)
@pytest.mark.parametrize("command", [("doctor",), ("build", "--dry-run")])
def test_errors_and_warnings_are_told_as_text_and_json(
    home: Path, command: tuple[str, ...]
) -> None:
    by_name = {case.mistake: case for case in CASES}
    error, warning = by_name["percent that is not 0 to 1"], by_name["number that did not parse"]
    done = ran(home, error.select, *command)
    assert done.exit_code == 1
    assert f"Error: {error.line}" in done.output
    done = ran(home, warning.select, *command, "--format", "json")
    assert done.exit_code == 0
    told = printed(done)["mistakes"]
    assert [(one["severity"], one["line"]) for one in told] == [("warning", warning.line)]
    assert (told[0]["entity"], told[0]["column"]) == ("opportunity", "amount")
    assert (told[0]["rows"], told[0]["example"]) == (1, "1.250,00")
    assert ran(home, RIGHT, *command).exit_code == 0


def test_what_all_rows_have_is_an_error(home: Path) -> None:
    (found,) = mistakes("select no as id, closed as closed_at from deals where no = 2")
    assert found.is_error


def test_labels_of_the_profile_are_no_strange_values(home: Path) -> None:
    case = next(case for case in CASES if case.mistake == "value that the model does not know")
    assert mistakes(case.select, values={"opportunity.status": {"won": "won"}}) == []


def test_a_deleted_row_is_not_looked_at(home: Path) -> None:
    select = "select no as id, chance as probability, chance > 1 as is_deleted from deals"
    assert mistakes(f"{select} where no < 3") == []


def test_nothing_is_compiled_with_a_select_that_cannot_be_read_from(home: Path) -> None:
    made = project("select no as id, wort as amount from deals")
    with pytest.raises(CrmKpiError, match=r"crm\.opportunity: no table.*`wort`; near: worth"):
        made.live.entity("opportunity")
    with pytest.raises(CrmKpiError, match="`wort`"):
        made.bundle()


def test_columns_that_no_select_names_are_listed_with_what_is_in_them(home: Path) -> None:
    select = "select no as id, customer as account_id, count(*) over () as x from deals"
    done = ran(home, select, "fields", "--format", "json")
    assert done.exit_code == 0, done.output
    found = {one["field"]: (one["table"], one["filled"], one["rows"]) for one in printed(done)}
    assert found["worth"] == ("crm.deals", 2, 5)
    assert found["is_open"] == ("crm.deals", 5, 5)
    assert not {"no", "customer", "name"} & set(found)
    assert "fields:\n    opportunity.chance: {}" in ran(home, select, "fields").output


def test_a_star_reads_every_column(home: Path) -> None:
    done = ran(home, "select no as id, * from deals", "fields", "--format", "json")
    assert printed(done) == []
