"""Broken files get one line that names the file, never a traceback: some hundreds, made by rule."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.paths import DASHBOARDS
from superset_crmkpi.base.sqlfile import read_sql_file
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.dashboards.spec import read_dashboard
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.superset.rest.exports import LARGEST, unpacked
from tests.seeds import in_turn

RIGHT: dict[str, Any] = {
    "name": "Acme",
    "database": {"name": "Warehouse", "uri": "duckdb:///warehouse.duckdb"},
    "schema": "ours",
    "mode": "built",
    "sources": {
        "sales": {
            "connector": "salesforce",
            "landing": "fivetran",
            "schema": "salesforce",
            "time_zone": "Europe/Berlin",
        },
        "own": {
            "connector": "sql",
            "schema": "crm",
            "entities": {"account": "select id, name from crm.accounts"},
        },
    },
    "calendar": {
        "time_zone": "Europe/Berlin",
        "week_start": "monday",
        "fiscal_year_start": 2,
        "today": date(2026, 3, 18),
    },
    "business_hours": {
        "default": {"days": {"monday": "09:00-17:30"}, "holidays": [date(2026, 12, 25)]}
    },
    "currency": {
        "reporting": "EUR",
        "rates": [{"currency": "USD", "valid_from": date(2026, 1, 1), "rate": 0.92}],
    },
    "settings": {"stalled_days": 21},
    "targets": {"win_rate": 0.3},
    "thresholds": {"win_rate": {"warn": 0.25, "act": 0.2}},
    "owners": {"sales_ops": {"name": "Dana Reyes", "email": "dana@example.com"}},
    "alerts": {"recipients": {"default": {"email": "crm@example.com"}}},
    "environments": {
        "test": {
            "database": {"uri": "duckdb:///test.duckdb"},
            "sources": {"sales": {"schema": "sandbox"}},
            "alerts": {"level": "act"},
        }
    },
}
#: what nobody means, in place of any value
VALUES: list[Any] = [
    None,
    [],
    {},
    -1,
    10**30,
    float("inf"),
    float("nan"),
    True,
    "",
    " ",
    "x" * 10_000,
    "'; drop table accounts; --",
    "{{ 1 }} {% raw %}",
    "../../etc/passwd",
    "a\0b",
    "\ud7ff\u202e",
    ["a", {"b": [None]}],
    {"a": {"b": {"c": 1}}},
]
BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(12)
)
#: what is no file of ours at all, with a word of what is said of it
TEXTS: dict[str, tuple[bytes, str]] = {
    "bomb of aliases": (BOMB.encode(), "aliases stand for more than"),
    "holds itself": (b"a: &a [*a]\nsources: *a\n", "crmkpi.yaml line"),
    "python object": (b"a: !!python/object/apply:os.system ['true']\n", "line 1: not YAML"),
    "python tuple": (b"a: !!python/tuple [1]\n", "line 1: not YAML"),
    "own tag": (b"a: !secret x\n", "line 1: not YAML"),
    "no date": (b"database: {name: W}\ncalendar:\n  today: 2026-13-45\n", "line 3: `2026-13-45`"),
    "long number": (b"a: " + b"9" * 5000 + b"\n", "line 1: `9999"),
    "key twice": (b"mode: live\nmode: built\n", "line 2: `mode` stands twice"),
    "list as key": (b"? [a, b]\n: 1\n", "line 1: not YAML"),
    "not UTF-8": (b"a: 1\nname: \xff\xfe\n", "line 2: is not text in UTF-8"),
    "UTF-16": ("name: x\n".encode("utf-16"), "is not text in UTF-8"),
    "binary": (bytes(range(256)), "line"),
    "a zip": (b"PK\x03\x04\x14\x00\x00\x00", "not YAML: unacceptable character"),
    "deep lists": (b"a: " + b"[" * 5_000, "crmkpi.yaml"),
    "deep lists, closed": (b"a: " + b"[" * 900 + b"]" * 900 + b"\n", "crmkpi.yaml"),
    "deep blocks": ("".join(" " * n + "a:\n" for n in range(1500)).encode(), "crmkpi.yaml"),
    "tabs": (b"a:\n\tb: 1\n", "line 2: not YAML"),
    "open quote": (b'a: "x\n', "not YAML"),
    "two documents": (b"a: 1\n---\nb: 2\n", "not YAML"),
    "unknown alias": (b"a: *b\n", "line 1: not YAML"),
    "large": (b"# " + b"x" * 5_000_000, "has 5,000,002 bytes"),
    "number": (b"7\n", "a profile has"),
    "bytes": (b"name: !!binary aGk=\n", "crmkpi.yaml line 1"),
}


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside."""
    if not isinstance(value, (dict, list)):
        return
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        yield from paths_in(below, (*path, key))


def broken(right: dict[str, Any], values: list[Any] = VALUES) -> Iterator[tuple[str, Any]]:
    """(what was done, the document): another value, no value, another key in each place."""
    for path in paths_in(right):
        for value in [*values, ...]:
            made = deepcopy(right)
            place = made
            for key in path[:-1]:
                place = place[key]
            if value is ...:
                place.pop(path[-1])
            else:
                place[path[-1]] = value
            yield f"{'.'.join(map(str, path))} = {str(value)[:40]!r}", made
        made = deepcopy(right)
        place = made
        for key in path[:-1]:
            place = place[key]
        if isinstance(place, dict):
            place[f"{path[-1]}s"] = place.pop(path[-1])
            yield f"{'.'.join(map(str, path))}s", made


def written(document: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(document, Dumper=dumper, allow_unicode=True))


def told(read: Any, path: Path, done: str, name: str) -> bool:
    """Whether reading it is refused, in one line with the file's name; anything else fails."""
    said = ""
    try:
        read(path)
    except CrmKpiError as error:
        said = error.message
    assert "\n" not in said, (done, said)
    assert not said or name in said, (done, said)
    assert len(said) < 2_000, (done, said)
    return bool(said)


def in_test(path: Path) -> None:
    load_profile(path, "test")


def test_some_hundred_broken_profiles_get_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "crmkpi.yaml"
    path.write_text(written(RIGHT))
    load_profile(path)
    refused = 0
    for done, document in broken(RIGHT):
        path.write_text(written(document))
        refused += told(load_profile, path, done, "crmkpi.yaml")
        told(in_test, path, done, "crmkpi.yaml")
    assert refused >= 400


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_profile_gets_one_line(tmp_path: Path, name: str) -> None:
    content, word = TEXTS[name]
    path = tmp_path / "crmkpi.yaml"
    path.write_bytes(content)
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert word in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.message.startswith("crmkpi.yaml")


def test_some_hundred_broken_dashboards_get_one_line_each(tmp_path: Path) -> None:
    catalog = load_catalog()
    right = yaml.safe_load((DASHBOARDS / "executive.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "mine.yaml"
    refused = 0
    for done, document in broken(right, in_turn(VALUES, 2)):
        path.write_text(written(document))
        refused += told(lambda file: read_dashboard(file, catalog), path, done, "mine.yaml")
    assert refused >= 50


#: what is YAML: as a profile it is refused for what it says
SAYS = {"holds itself", "deep lists, closed", "bytes"}


@pytest.mark.parametrize("name", sorted(set(TEXTS) - SAYS))
def test_a_broken_front_matter_gets_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.sql"
    path.write_bytes(b"/*---\n" + TEXTS[name][0] + b"\n---*/\nselect 1\n")
    with pytest.raises(CrmKpiError) as caught:
        read_sql_file(path)
    assert "\n" not in caught.value.message
    assert caught.value.message.startswith("mine.sql")


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


CHART = "export/charts/one.yaml"
RIGHT_ZIP = zipped({CHART: b"uuid: one\n"})
ZIPS: dict[str, bytes] = {
    **{
        f"{name} as a chart": zipped({CHART: content})
        for name, (content, _) in TEXTS.items()
        if name not in {*SAYS, "bomb of aliases", "deep blocks", "key twice", "large"}
    },
    **{f"cut at {at}": RIGHT_ZIP[:at] for at in range(0, len(RIGHT_ZIP), 7)},
    "a page": b"<html>Please log in</html>",
    "bomb": zipped({f"export/charts/{n}.yaml": bytes(LARGEST // 4) for n in range(5)}),
    "unknown way of packing": RIGHT_ZIP.replace(b"\x08\x00", b"\x63\x00"),
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_broken_export_of_a_superset_gets_one_line(name: str) -> None:
    with pytest.raises(CrmKpiError, match=r"^https://bi\.example: [^\n]*$"):
        unpacked(ZIPS[name], "https://bi.example")


def test_paths_of_an_export_that_lead_elsewhere_lead_nowhere() -> None:
    names = ("../../charts/x.yaml", "/etc/passwd", "export/../../charts/x.yaml", "charts")
    assert unpacked(zipped(dict.fromkeys(names, b"uuid: x\n")), "base") == {}
    assert unpacked(RIGHT_ZIP, "base") == {"charts/one.yaml": {"uuid": "one"}}
