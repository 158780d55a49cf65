"""SQL longer than some sqlparse takes: it is refused beforehand, or its charts answer."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.answers import ask_tiles
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.steps import Plan
from superset_crmkpi.query.tokens import MOST, tokens_of
from superset_crmkpi.superset.inprocess import open_gateway
from tests.superset import toy

pytestmark = pytest.mark.superset


@pytest.fixture
def long(warehouse_uri: str) -> Bundle:
    """The toy by SQL of more tokens than sqlparse takes since 0.5.5."""
    sql = f"{toy.SQL}  and deal_id not in ({', '.join(str(9999 + n) for n in range(MOST // 2))})\n"
    assert tokens_of(sql) > MOST
    return toy.changed(toy.bundle(warehouse_uri), "datasets/toy/deals.yaml", sql=sql)


def attempted(bundle: Bundle, gateway: Any) -> tuple[Plan | None, str]:
    """What was done, or why it was refused."""
    try:
        return apply(bundle, gateway), ""
    except CrmKpiError as error:
        return None, error.message


def test_what_this_superset_does_not_parse_is_refused_and_all_else_answers(
    gateway: Any, long: Bundle, snapshot: Any
) -> None:
    before = snapshot()
    done, refused = attempted(long, gateway)
    if done is None:
        assert "tokens, which this Superset does not take" in refused
        assert "`mode: built`" in refused
        assert snapshot() == before
        return
    found = ask_tiles(long, done, gateway)
    assert (found.asked, found.failed) == (3, ())


def test_a_limit_that_an_admin_lifted_refuses_nothing(
    superset_app: Any, long: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the setting that sqlparse documents, in superset_config.py."""
    pytest.importorskip("superset.sql_parse", reason="this Superset does not parse by sqlparse")
    from sqlparse.engine import grouping

    monkeypatch.setattr(grouping, "MAX_GROUPING_TOKENS", None, raising=False)
    with open_gateway(superset_app) as gateway:
        found = ask_tiles(long, apply(long, gateway), gateway)
    assert (found.asked, found.failed) == (3, ())
