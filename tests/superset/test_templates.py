"""Superset's own template processor gives the SQL of our datasets back as it was."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.test_templates import EXPORTS

pytestmark = pytest.mark.superset


def test_every_dataset_that_we_ship_renders_to_itself_in_superset(superset_app: Any) -> None:
    with superset_app.app_context():
        from superset.jinja_context import get_template_processor
        from superset.models.core import Database

        processor = get_template_processor(Database(sqlalchemy_uri="duckdb:///:memory:"))
        assert processor.process_template("{{ 1 + 1 }}") == "2"  # templates are on
        for path in EXPORTS:
            sql = yaml.safe_load(path.read_text(encoding="utf-8"))["sql"]
            assert processor.process_template(sql) == sql, path.name
