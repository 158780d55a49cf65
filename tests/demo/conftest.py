"""The demo company at a tenth of its size, as frames and in a database."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
from crmkpi_demo.company import generate, write
from sqlalchemy import create_engine

from tests.demo.company import TODAY


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    return generate(scale=0.1, seed=7, today=TODAY)


@pytest.fixture(scope="module")
def database(company, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    engine = create_engine(f"duckdb:///{path}")
    write(company, engine)
    engine.dispose()
    connection = duckdb.connect(str(path), read_only=True)
    yield connection
    connection.close()
