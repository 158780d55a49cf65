"""The child process that sets a demo's Superset up.

A process of its own, so that Superset starts and migrates while the parent makes the warehouse, and
so that the parent stays small while it waits for Ctrl-C. It says what it does in JSON lines on
standard output: ``{"step": text}``, ``{"ready": true}`` when it waits for the bundle, ``{"answers":
...}`` of tiles, ``{"error": text}``. The parent then writes the path of a file with the bundle and
the logins.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crmkpi_demo.home import Home, Login
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.superset import access, bootstrap


def order(bundle: Bundle, users: list[Login], ask: bool = False) -> str:
    """What the parent asks for, as text; with `ask` each tile is to be asked for its data."""
    return json.dumps(
        {
            "assets": bundle.assets,
            "roles": [asdict(role) for role in bundle.roles],
            "logins": [asdict(user) for user in users],
            "ask": ask,
        }
    )


def tell(**message: Any) -> None:
    """Say something to the parent."""
    print(json.dumps(message), flush=True)


def report(text: str) -> None:
    """Say what is being done."""
    tell(step=text)


def main(path: str) -> None:
    """Prepare the metadata database, wait for the bundle, install it and make the users."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    home = Home(Path(path))
    report("Starting Superset")
    stamp = home.path / "superset_version"
    version = str(bootstrap.superset_version())
    current = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    # A start may itself touch the database file, so look before. Without a stamp the last run was
    # stopped before its database was complete.
    if not current:
        bootstrap.remove_database(home.metadata)
        if home.template.exists():
            bootstrap.use_template(home.template, home.metadata)
            current = version
    app = bootstrap.make_app()
    if current != version:
        bootstrap.migrate(app, report)
        if not current:
            bootstrap.keep_template(home.metadata, home.template)
    stamp.write_text(version, encoding="utf-8")
    tell(ready=True)
    line = sys.stdin.readline().strip()
    if line:
        install(app, json.loads(Path(line).read_text(encoding="utf-8")))


def install(app: Any, wanted: dict[str, Any]) -> None:
    """Install the bundle as the administrator, ask its tiles if wanted, then make the users."""
    from superset_crmkpi.installer.answers import ask_tiles
    from superset_crmkpi.installer.apply import apply
    from superset_crmkpi.superset.inprocess import open_gateway

    roles = tuple(
        RoleGrant(role["name"], tuple(role["dashboards"]), tuple(role["datasets"]))
        for role in wanted["roles"]
    )
    users = [Login(**{**user, "roles": tuple(user["roles"])}) for user in wanted["logins"]]
    admin = users[0]
    with app.app_context():
        access.ensure_user(admin.username, admin.password, admin.name, list(admin.roles))
    with open_gateway(app, admin.username) as gateway:
        bundle = Bundle(wanted["assets"], roles)
        plan = apply(bundle, gateway, report)
        if wanted["ask"]:
            tell(answers=ask_tiles(bundle, plan, gateway, report).to_dict())
        report("Making the logins")
        for user in users[1:]:
            gateway.ensure_user(user.username, user.password, user.name, list(user.roles))
        tell(done=plan.summary())


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except CrmKpiError as error:
        tell(error=error.message)
        sys.exit(2)
