"""Makes a demo and serves it until Ctrl-C, by gunicorn, out of one folder and on 127.0.0.1."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from crmkpi_demo import home as homes
from crmkpi_demo.home import Home, Login
from crmkpi_demo.making import MakeBundle, MakeWarehouse, make
from crmkpi_demo.processes import end, last_line
from crmkpi_demo.steps import Steps
from superset_crmkpi.base.errors import CrmKpiError

if TYPE_CHECKING:
    from rich.console import Console

HOST = "127.0.0.1"
PORT = 8088
PORTS_TRIED = 50
START_SECONDS = 180
GUNICORN_CONFIG = Path(__file__).with_name("gunicorn_conf.py")


@dataclass(frozen=True)
class DemoInfo:
    """What somebody needs to use the demo."""

    home: Path
    url: str
    port: int
    logins: tuple[Login, ...]
    dashboards: tuple[tuple[str, str], ...]  # (title, path below the url)
    summary: str  # of the plan that was carried out
    seconds: float  # from the call to the address


def run_demo(
    path: Path,
    make_warehouse: MakeWarehouse,
    make_bundle: MakeBundle,
    *,
    port: int = PORT,
    serve: bool = True,
    warehouse_stamp: str = "",
    console: Console | None = None,
) -> DemoInfo:
    """Set up a demo in a folder, print its address and logins, serve until SIGINT or SIGTERM.

    ``make_warehouse(file, report)`` fills a new DuckDB file; it is left out when the folder has a
    warehouse with the same non-empty ``warehouse_stamp`` (say, version and date).
    ``make_bundle(uri)`` gives the bundle for that database. With ``serve=False`` the server is
    started, asked for its health and stopped. May be run again in the same folder.

    Raises CrmKpiError for everything a user can mend.
    """
    from rich.console import Console

    console = console or Console()
    started = time.monotonic()
    _require()
    home = homes.open_home(path)
    with homes.locked(home), _sigterm_as_interrupt():
        steps = Steps(console)
        with steps.progress:
            made = make(home, make_warehouse, make_bundle, warehouse_stamp, steps)
            chosen = free_port(port)
            if chosen != port:
                steps.console.print(
                    f"Port {port} is taken; using [bold]{chosen}[/] instead.", highlight=False
                )
            with steps.line("Server", "Starting Superset on gunicorn") as report:
                server = start_server(home, chosen)
                report("Superset answers")
        try:
            info = DemoInfo(
                home.path,
                server.url,
                chosen,
                tuple(made.users),
                tuple(
                    (str(board["dashboard_title"]), f"/superset/dashboard/{_address(board)}/")
                    for _, board in made.bundle.of("dashboards")
                ),
                made.summary,
                time.monotonic() - started,
            )
            _show(info, console)
            if serve:
                console.print("Press Ctrl-C to stop.")
                server.wait()
        except KeyboardInterrupt:
            console.print("\nStopping ...")
        finally:
            server.stop()
    if serve:
        console.print("Stopped. Run it again for the same data and logins.")
    return info


def _address(board: Mapping[str, Any]) -> str:
    return str(board.get("slug") or board["uuid"])


def _require() -> None:
    from importlib.util import find_spec

    if sys.platform == "win32":
        raise CrmKpiError("the demo needs gunicorn, which does not run on Windows; use WSL")
    missing = [name for name in ("superset", "gunicorn", "duckdb_engine") if not find_spec(name)]
    if missing:
        raise CrmKpiError(
            f"the demo needs {', '.join(missing)}: `pip install crmkpi-demo` brings them"
        )


# --- serving


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def wait(self) -> None:
        """Return only by an error: when the server ends by itself."""
        self.process.wait()
        raise CrmKpiError(f"the server ended: {last_line(self.log)} (all of it in {self.log})")

    def stop(self) -> None:
        """End the server and its workers."""
        end(self.process)


def start_server(home: Home, port: int) -> Server:
    """Start gunicorn on 127.0.0.1 and return when it answers."""
    log = home.log("server")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--config",
                str(GUNICORN_CONFIG),
                "--bind",
                f"{HOST}:{port}",
                "superset.app:create_app()",
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=home.environment(),
            start_new_session=True,
        )
    server = Server(process, f"http://{HOST}:{port}", log)
    try:
        _until_healthy(server)
    except BaseException:
        server.stop()
        raise
    return server


def _until_healthy(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise CrmKpiError(
                f"the server did not start: {last_line(server.log)} (all of it in {server.log})"
            )
        try:
            with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise CrmKpiError(f"the server did not answer in {START_SECONDS} s; see {server.log}")


def free_port(wanted: int) -> int:
    """This port, or the next one that nobody listens on."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise CrmKpiError(f"no free port from {wanted} on; give one with --port")


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(info: DemoInfo, console: Console) -> None:
    from rich.table import Table

    table = Table("Audience", "Login", "Password", title="Logins")
    for user in info.logins:
        table.add_row(user.name, user.username, user.password)
    console.print()
    console.print(f"CRM KPI demo: [bold]{info.url}[/]  (ready after {info.seconds:.0f} s)")
    for title, address in info.dashboards:
        console.print(f"  {title}: {info.url}{address}", highlight=False, soft_wrap=True)
    console.print(table)
    console.print(f"Files and logs: {info.home}", highlight=False, soft_wrap=True)
