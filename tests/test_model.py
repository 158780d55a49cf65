"""The canonical model as it is read from `sql/model`."""

from __future__ import annotations

from pathlib import Path

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.plugins.definitions import Folder

TOY = """
-- A toy.
create table toy (
  id text not null,
  size {kind} {check},  -- {comment}
  price double
);
"""


def toy(folder: Path, check: str = "", comment: str = "how big", kind: str = "text") -> Entity:
    """The model of one entity."""
    path = folder / "sql" / "model" / "toy.sql"
    path.parent.mkdir(parents=True)
    path.write_text(TOY.format(check=check, comment=comment, kind=kind))
    return load_model((Folder(folder),))["toy"]


def test_the_values_of_a_column_are_those_of_its_check_in_their_order(tmp_path: Path) -> None:
    entity = toy(tmp_path, "not null check (size in ('small', 'mid-size', 'BIG'))")
    assert entity.columns["size"].allowed == ("small", "mid-size", "BIG")
    assert entity.columns["size"].meaning == "how big"
    assert not entity.columns["size"].nullable
    assert entity.allowed == {"size": frozenset({"small", "mid-size", "BIG"})}


def test_a_comment_makes_no_enumeration(tmp_path: Path) -> None:
    assert toy(tmp_path, "", "small|big (as the label says)").allowed == {}


@pytest.mark.parametrize(
    "check",
    [
        "check (length(size) > 3)",
        "check (id in ('small', 'big'))",
        "check (size in (1, 2))",
        "check (size not in ('small', 'big'))",
    ],
)
def test_a_check_that_lists_no_values_of_its_column_is_refused(tmp_path: Path, check: str) -> None:
    with pytest.raises(CrmKpiError) as caught:
        toy(tmp_path, check)
    assert caught.value.message == (
        "toy.sql: size: a check lists the values of its column, as `check (size in ('a', 'b'))`"
    )


@pytest.mark.parametrize("kind", ["interval", "varchar[]"])
def test_a_column_of_no_type_of_ours_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(CrmKpiError, match=r"^toy\.sql: size: `.*` is no type of ours"):
        toy(tmp_path, kind=kind)


def test_a_column_without_a_type_is_refused_and_not_dropped(tmp_path: Path) -> None:
    with pytest.raises(CrmKpiError, match=r"^toy\.sql: `size` is no column with its type"):
        toy(tmp_path, kind="")
