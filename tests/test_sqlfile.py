"""SQL files whose `$name`s are filled by Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.paths import SQL
from superset_crmkpi.base.sqlfile import read_sql_file, read_sql_files

TOY = """/*---
about: toys
placeholders:
  size: how big
---*/
select t.id from toy as t where t.size > $size and t.made_at > $today
"""
FOLDERS = ("alerts", "matching", "scorecard", "impact", "rates")


def test_what_is_declared_is_filled_and_other_settings_stay(tmp_path: Path) -> None:
    (tmp_path / "toy.sql").write_text(TOY)
    query = read_sql_file(tmp_path / "toy.sql").filled(size=exp.Literal.number(3))
    wanted = "SELECT t.id FROM toy AS t WHERE t.size > 3 AND t.made_at > $today"
    assert query.sql("duckdb") == wanted


@pytest.mark.parametrize("given", [(), ("size", "colour")])
def test_a_value_that_is_missing_or_not_declared_is_told_with_the_file(
    tmp_path: Path, given: tuple[str, ...]
) -> None:
    (tmp_path / "toy.sql").write_text(TOY)
    with pytest.raises(CrmKpiError, match=r"^toy\.sql: `\$(size|colour)` "):
        read_sql_file(tmp_path / "toy.sql").filled(**dict.fromkeys(given, exp.null()))


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_placeholder_that_is_declared_is_used_and_the_file_says_what_it_is(
    folder: str,
) -> None:
    files = read_sql_files(SQL / folder)
    assert files
    for file in files:
        assert file.meta.get("about"), file.path
        used = {place.name for place in file.query().find_all(exp.Placeholder)}
        declared = set(file.meta.get("placeholders") or {})
        assert used - {"crm_change_date"} == declared, file.path
