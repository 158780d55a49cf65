"""What `base/cache.py` and `project/remember.py` promise of what is kept between processes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.cache import Cache, cache_folder, content_digest, digest
from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.remember import fingerprint, remembered

VALUE = {"sql": "select 'é' as x", "types": [["x", "text"]], "number": 1.5, "nothing": None}


def the_file(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


def test_what_is_kept_is_found_by_another_process(tmp_path: Path) -> None:
    Cache(tmp_path).put("key", VALUE)
    assert Cache(tmp_path).get("key") == VALUE
    assert Cache(tmp_path).get("other") is None


def test_what_was_found_is_not_made_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return [7]

    assert [Cache(tmp_path).remember("key", make) for _ in range(3)] == [[7]] * 3
    assert made == [1]


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("1.5", "2.5"),
        lambda text: "",
        lambda text: "\x00\x01",
        lambda text: json.dumps(VALUE),
    ],
    ids=["cut off", "changed", "empty", "no text", "without its hash"],
)
def test_a_broken_file_is_ignored_and_written_anew(tmp_path: Path, harm: Any) -> None:
    cache = Cache(tmp_path)
    cache.put("key", VALUE)
    path = the_file(tmp_path)
    path.write_text(harm(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert cache.get("key") is None
    assert cache.remember("key", lambda: VALUE) == VALUE
    assert cache.get("key") == VALUE


def test_bytes_that_are_no_text_are_ignored(tmp_path: Path) -> None:
    Cache(tmp_path).put("key", VALUE)
    the_file(tmp_path).write_bytes(b"\xff\xfe\xfd")
    assert Cache(tmp_path).get("key") is None


def test_the_entry_of_another_key_is_ignored(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("old", VALUE)
    the_file(tmp_path).rename(tmp_path / "new.json")
    assert cache.get("new") is None


def test_writers_at_once_leave_whole_entries(tmp_path: Path) -> None:
    values = [[name * 200_000] for name in "abcd"]
    found: list[Any] = []
    written = threading.Event()

    def write(value: list[str]) -> None:
        for _ in range(10):
            Cache(tmp_path).put("key", value)

    def read() -> None:
        while not written.is_set():
            found.append(Cache(tmp_path).get("key"))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(value,)) for value in values]
    Cache(tmp_path).put("key", values[0])
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    written.set()
    reader.join()
    found.append(Cache(tmp_path).get("key"))
    assert all(value in values for value in found)
    assert the_file(tmp_path).name == "key.json"


def test_a_folder_that_cannot_be_made_is_no_trouble(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    cache = Cache(tmp_path / "home" / "cache")
    assert cache.remember("key", lambda: VALUE) == VALUE
    assert cache.get("key") is None
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_may_only_be_read_is_no_trouble() -> None:
    with TemporaryDirectory() as name:  # not pytest's folder: only its owner may look into that
        folder = Path(name)
        Cache(folder).put("key", VALUE)
        the_file(folder).chmod(0o444)
        folder.chmod(0o555)
        child = os.fork()
        if child == 0:
            try:
                if os.geteuid() == 0:  # root may write everywhere
                    os.setuid(65534)
                kept = Cache(folder).remember("key", lambda: None) == VALUE
                made = Cache(folder).remember("other", lambda: VALUE) == VALUE
                os._exit(0 if kept and made and len(list(folder.iterdir())) == 1 else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        folder.chmod(0o755)


def test_what_was_not_used_for_the_longest_time_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=3500)
    for age, key in enumerate(["a", "b", "c"]):
        cache.put(key, ["x" * 1000])
        os.utime(tmp_path / f"{key}.json", (1000 + age, 1000 + age))
    (tmp_path / "killed.tmp").write_text("y" * 1000)
    os.utime(tmp_path / "killed.tmp", (900, 900))
    assert cache.get("a") is not None  # used now
    cache.put("d", ["x" * 1000])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "c.json", "d.json"]


@pytest.mark.parametrize("value", [("a", "b"), {1: "a"}, {"at": Path()}, {"a": [(1,)]}])
def test_what_json_would_give_back_otherwise_is_not_kept(tmp_path: Path, value: Any) -> None:
    assert Cache(tmp_path).remember("key", lambda: value) == value
    assert list(tmp_path.iterdir()) == []


def test_entries_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    Cache(folder).put("key", VALUE)
    assert (folder.stat().st_mode & 0o077, the_file(folder).stat().st_mode & 0o077) == (0, 0)


def test_the_folder_is_that_of_the_platform_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CRMKPI_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "superset-crmkpi"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/means/nothing")
    assert cache_folder() == tmp_path / ".cache" / "superset-crmkpi"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "superset-crmkpi"
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("CRMKPI_CACHE_DIR", "off")
    assert cache_folder() is None
    assert Cache(None).remember("key", lambda: VALUE) == VALUE


def test_content_differs_by_text_and_by_name_but_not_by_other_files(tmp_path: Path) -> None:
    folders = []
    for number, (name, text) in enumerate(
        [("a.sql", "x"), ("a.sql", "y"), ("b.sql", "x"), ("a.sql", "x")]
    ):
        folders.append(tmp_path / str(number))
        (folders[-1] / "in").mkdir(parents=True)
        (folders[-1] / "in" / name).write_text(text)
    (folders[-1] / "in" / "a.pyc").write_text("made by Python")
    (folders[-1] / "export").mkdir()
    (folders[-1] / "export" / "a.yaml").write_text("made from the rest")
    one, other_text, other_name, same = (content_digest(f, ("export",)) for f in folders)
    assert one == same
    assert len({one, other_text, other_name}) == 3


# -- projects ------------------------------------------------------------------------------------

TICKETS = "select id, status, created_at from tickets"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("create schema desk")
        connection.exec_driver_sql(
            "create table desk.tickets (id varchar, status varchar, created_at timestamp)"
        )
    yield engine
    engine.dispose()


def project(engine: Engine, ticket: Any = TICKETS, **changes: Any) -> Project:
    source = {"connector": "sql", "schema": "desk", "entities": {"ticket": ticket}}
    given = {"database": {"name": "warehouse"}, "sources": {"desk": source}, **changes}
    return Project(Profile.model_validate(given), engine)


def test_a_bundle_is_compiled_once_for_all_processes(folder: Path, engine: Engine) -> None:
    made = project(engine).bundle()
    again = project(engine)
    assert again.bundle() == made
    assert not {"live", "catalog", "coverage"} & set(vars(again))  # nothing was worked out


def test_a_secret_is_in_the_bundle_and_never_in_the_cache(folder: Path, engine: Engine) -> None:
    for uri in ("postgresql://me:s3cr3t@db/crm", "postgresql://me:0th3r@db/crm"):
        assert uri in str(project(engine).bundle(uri=uri).assets)
    kept = the_file(folder).read_text(encoding="utf-8")
    assert "tickets" in kept
    assert not any(secret in kept for secret in ("s3cr3t", "0th3r", "postgresql://"))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Other"},
        {"calendar": {"time_zone": "Europe/Berlin"}},
        {"targets": {"win_rate": 0.3}},
        {"currency": {"reporting": "USD"}},
        {"mode": "built"},
        {"packs": ["saas"]},
        {"ticket": "select id, status, created_at from tickets where id <> '0'"},
    ],
    ids=str,
)
def test_another_profile_is_another_key(folder: Path, engine: Engine, changes: Any) -> None:
    assert fingerprint(project(engine, **changes)) != fingerprint(project(engine))


def test_the_same_profile_is_the_same_key(folder: Path, engine: Engine) -> None:
    assert fingerprint(project(engine)) == fingerprint(project(engine))


def test_a_change_of_the_tables_is_another_key(folder: Path, engine: Engine) -> None:
    before = fingerprint(project(engine))
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("alter table desk.tickets add column priority varchar")
    assert fingerprint(project(engine)) != before


def test_a_select_in_a_file_counts_by_its_text(
    folder: Path, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "ticket.sql"
    file.write_text(TICKETS)
    before = fingerprint(project(engine, ticket={"file": str(file)}))
    file.write_text(f"{TICKETS} where id is not null")
    assert fingerprint(project(engine, ticket={"file": str(file)})) != before


def test_connectors_that_were_handed_in_are_compiled_each_time(
    folder: Path, engine: Engine
) -> None:
    given = project(engine)
    handed = Project(given.profile, engine, [connector("sql")])
    assert fingerprint(handed) is None
    assert remembered(handed, "what", lambda: digest("made")) == digest("made")
    assert not folder.exists()
