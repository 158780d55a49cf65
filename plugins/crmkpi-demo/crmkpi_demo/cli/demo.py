"""`crmkpi demo`: a whole Superset with a believable company."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click


@click.command()
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Folder that holds the demo; made when it is not there.",
)
@click.option(
    "--port",
    type=int,
    default=8088,
    show_default=True,
    help="Port on 127.0.0.1; the next free one when it is taken.",
)
@click.option(
    "--scale",
    type=float,
    default=1.0,
    show_default=True,
    help="Size of the company: 1 is about 1,700 accounts.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Last day of the data; today by default.",
)
@click.option("--once", is_flag=True, help="Set up, check that it answers, and stop.")
def demo(home: Path, port: int, scale: float, today: object, once: bool) -> None:
    """Run a Superset with five CRM dashboards over a generated company.

    Example: crmkpi demo --port 8090 --scale 0.2
    """
    from crmkpi_demo.run import demo_bundle, fill_warehouse, stamp
    from crmkpi_demo.server import run_demo

    day = today.date() if hasattr(today, "date") else date.today()
    run_demo(
        home,
        lambda path, report: fill_warehouse(path, scale, day, report),
        lambda uri: demo_bundle(uri, day),
        port=port,
        serve=not once,
        warehouse_stamp=stamp(scale, day),
    )
