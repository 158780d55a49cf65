"""What was worked out before, kept in files, by the hash of all that it follows from.

An entry is a JSON document beside the hash of its own text. What cannot be read, is cut off or was
changed is no entry, and a folder that cannot be written holds none: a cache never says a word.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

#: names another folder; `off` keeps nothing
VARIABLE = "CRMKPI_CACHE_DIR"
OFF = "off"
#: bytes of all entries together; the ones that were not used for the longest time go
LIMIT = 64_000_000
#: files that decide what is compiled
_CONTENT = frozenset({".py", ".sql", ".yaml", ".yml", ".toml", ".po"})
log = logging.getLogger(__name__)


def cache_folder() -> Path | None:
    """$CRMKPI_CACHE_DIR, or superset-crmkpi in $XDG_CACHE_HOME or ~/.cache; None when off."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return None if chosen == OFF else Path(chosen)
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path(given) if os.path.isabs(given) else Path.home() / ".cache"
    except RuntimeError:  # a user without a home
        return None
    return home / "superset-crmkpi"


class Cache:
    """Entries (key -> plain data) as files of `folder`; without one it holds nothing."""

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self.folder = folder
        self.limit = limit

    def remember(self, key: str, make: Callable[[], Any]) -> Any:
        """What is kept under `key`, or else what `make` gives, kept from now on."""
        found = self.get(key)
        log.debug("%s %s", "found" if found is not None else "not found", key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def get(self, key: str) -> Any:
        """What is kept under `key`; None for nothing and for a broken file."""
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            checksum, _, text = path.read_text(encoding="utf-8").partition("\n")
            if checksum != _checksum(key, text):
                return None
            value = json.loads(text)
        except (OSError, ValueError):
            return None
        with suppress(OSError):
            os.utime(path)  # used now: it goes last
        return value

    def put(self, key: str, value: Any) -> None:
        """Keep `value`. What JSON would give back otherwise (tuples, dates) is not kept."""
        if self.folder is None:
            return
        try:
            text = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError):
            return
        if json.loads(text) != value:
            return
        try:
            self._write(key, f"{_checksum(key, text)}\n{text}")
            self._make_room()
        except OSError as error:
            log.debug("not kept: %s", error)

    def _write(self, key: str, content: str) -> None:
        """Whole or not at all, whoever else writes it: made aside, then put in its place."""
        assert self.folder is not None
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(suffix=".tmp", dir=self.folder)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(content)
            os.replace(aside, self._path(key))
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise

    def _make_room(self) -> None:
        """The longest unused files go, also those that a killed writer left aside."""
        assert self.folder is not None
        files = []
        for path in [*self.folder.glob("*.json"), *self.folder.glob("*.tmp")]:
            try:
                found = path.stat()
            except OSError:  # another process was faster
                continue
            files.append((found.st_mtime_ns, found.st_size, path))
        room = self.limit
        for _, size, path in sorted(files, reverse=True):
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{key}.json"


def _checksum(key: str, text: str) -> str:
    return digest([key, text])


def digest(parts: Any) -> str:
    """The hash of plain data; dates and the like by their text."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def content_digest(place: Path, without: tuple[str, ...] = ()) -> str:
    """The hash of a file, or of code, SQL and YAML below a folder but for folders `without`."""
    found = hashlib.sha256()
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        inside = path.relative_to(place)
        if path.suffix in _CONTENT and not set(inside.parts) & set(without) and path.is_file():
            content = path.read_bytes()
            found.update(f"{inside.as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()
