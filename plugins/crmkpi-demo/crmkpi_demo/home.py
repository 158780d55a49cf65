"""The folder a demo lives in: metadata database, warehouse, cache, logs, secrets."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from superset_crmkpi.base.cache import cache_folder
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.superset.bootstrap import superset_version

CONFIG = Path(__file__).with_name("superset_config.py")


@dataclass(frozen=True)
class Login:
    """A user of the demo."""

    username: str
    password: str
    name: str  # for people, e.g. "Executive"
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Home:
    """Where each file of a demo lies."""

    path: Path

    @property
    def metadata(self) -> Path:
        """Superset's own database."""
        return self.path / "superset.db"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with the company's data."""
        return self.path / "warehouse.duckdb"

    @property
    def warehouse_uri(self) -> str:
        """How Superset opens the warehouse: read only, so several processes may."""
        return f"duckdb:///{self.warehouse}?access_mode=read_only"

    @property
    def template(self) -> Path:
        """An empty metadata database of this Superset version, shared by all demos of the user."""
        settings = hashlib.sha256(CONFIG.read_bytes()).hexdigest()[:8]
        python = f"py{sys.version_info.major}{sys.version_info.minor}"
        name = f"superset-{superset_version()}-{python}-{settings}.db"
        return (cache_folder() or self.path) / name

    def log(self, name: str) -> Path:
        """A log file; its folder exists afterwards."""
        folder = self.path / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """The environment for a Superset that serves this demo."""
        return {
            **os.environ,
            "CRMKPI_DEMO_HOME": str(self.path),
            "SUPERSET_CONFIG_PATH": str(CONFIG),
            "PYTHONWARNINGS": "ignore",
        }


def open_home(path: Path) -> Home:
    """Make the folder and its secret key if need be."""
    path = path.expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CrmKpiError(f"cannot make the demo folder {path}: {error.strerror}") from error
    home = Home(path)
    key = path / "secret_key"
    if not key.exists():
        write_private(key, secrets.token_urlsafe(42))
    return home


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def logins(home: Home, roles: Sequence[str]) -> list[Login]:
    """An administrator, and one user per role; passwords are random and stay with the folder.

    What all role names begin with is left out: the user of "Acme CRM Pipeline" is ``pipeline``.
    """
    shared = _first_words(roles) if len(roles) > 1 else "CRM KPI"
    kept = home.path / "logins.json"
    passwords = {}
    if kept.exists():
        passwords = {
            entry["username"]: entry["password"]
            for entry in json.loads(kept.read_text(encoding="utf-8"))
        }
    wanted: list[tuple[str, str, tuple[str, ...]]] = [("admin", "Administrator", ("Admin",))]
    for role in roles:
        label = role.removeprefix(shared).strip()
        wanted.append((label.lower().replace(" ", "_"), label, (role,)))
    users = [
        Login(username, passwords.get(username) or secrets.token_urlsafe(9), label, names)
        for username, label, names in wanted
    ]
    write_private(kept, json.dumps([asdict(user) for user in users], indent=1))
    return users


def _first_words(names: Sequence[str]) -> str:
    """The words that all names begin with."""
    shared = []
    for words in zip(*(name.split() for name in names), strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return " ".join(shared)


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the folder: two demos in one would overwrite each other."""
    import fcntl

    with (home.path / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CrmKpiError(
                f"a demo is running in {home.path} already; stop it with Ctrl-C, or give this one "
                "another folder with --home"
            ) from error
        yield
