"""The demo company that the tests look at."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from crmkpi_demo.company import generate

TODAY = date(2026, 3, 18)


@pytest.fixture(scope="session")
def company() -> dict[str, pd.DataFrame]:
    return generate(scale=0.1, seed=7, today=TODAY)
