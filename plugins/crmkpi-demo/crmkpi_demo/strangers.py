"""Fills a Superset with dashboards of others: `python -m crmkpi_demo.strangers HOME NUMBER`.

With none of them it only gets its administrator.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from crmkpi_demo.home import Home
from superset_crmkpi.superset import access, bootstrap

CHARTS = 5  # of a dashboard
DATASETS = 50  # that all charts share
COLUMNS = 12


def fill(app: Any, number: int) -> None:
    """`number` dashboards with charts of their own, over datasets of a connection of their own."""
    with app.app_context():
        from superset import db
        from superset.connectors.sqla.models import SqlaTable, TableColumn
        from superset.models.core import Database
        from superset.models.dashboard import Dashboard

        database = Database(database_name="Strangers", sqlalchemy_uri="sqlite://")
        db.session.add(database)
        db.session.flush()
        tables = [
            SqlaTable(
                table_name=f"stranger_{place}",
                database=database,
                columns=[TableColumn(column_name=f"column_{n}") for n in range(COLUMNS)],
            )
            for place in range(DATASETS)
        ]
        db.session.add_all(tables)
        db.session.flush()
        for place in range(number):
            charts = [_chart(place, n, tables[(place + n) % DATASETS]) for n in range(CHARTS)]
            board = Dashboard(dashboard_title=f"Stranger {place}", slug=f"stranger-{place}")
            board.slices = charts
            board.position_json = json.dumps({"ROOT_ID": {"id": "ROOT_ID", "type": "ROOT"}})
            db.session.add(board)
        db.session.commit()


def _chart(board: int, place: int, table: Any) -> Any:
    from superset.models.slice import Slice

    return Slice(
        slice_name=f"Stranger {board}.{place}",
        viz_type="table",
        datasource_type="table",
        datasource_id=table.id,
        params=json.dumps({"datasource": f"{table.id}__table", "viz_type": "table"}),
    )


if __name__ == "__main__":
    home = Home(Path(sys.argv[1]))
    app = bootstrap.make_app()
    with app.app_context():
        access.ensure_user("admin", secrets.token_urlsafe(9), "Administrator", ["Admin"])
    if wanted := int(sys.argv[2]):
        fill(app, wanted)
