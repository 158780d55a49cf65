"""`crmkpi bench install`: the real commands against two Supersets; two minutes, in test-long."""

from __future__ import annotations

import json

import pytest

from superset_crmkpi.cli import main
from tests.seeds import examples

pytestmark = pytest.mark.superset


@pytest.mark.turn(lambda _: examples(1) > 1)
def test_what_an_install_costs_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(["bench", "install", "--strangers", "20", "--format", "json"], standalone_mode=False)
    costs = json.loads(capsys.readouterr().out)
    assert costs["strangers"] == 20
    assert 0 < costs["start"] < costs["again"] < costs["empty"]
    assert costs["ratio"] == costs["full"] / costs["empty"]
    assert costs["nothing_to_do"] == costs["again"] - costs["start"]
