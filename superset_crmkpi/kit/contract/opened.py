"""Promises of the pages where the vendor shows single records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from superset_crmkpi.connectors.records import OPENED
from superset_crmkpi.kit.contract.bench import Bench


def each_kind_of_record_can_be_opened(bench: Bench) -> None:
    """records.yaml has the page of accounts, contacts, leads, deals and tickets, or says why not."""
    records = bench.connector.records
    if records.none is not None:
        assert records.none.strip(), "records.yaml: `none` says why no record has a page"
        return
    for name in OPENED:
        if name not in bench.entities:
            continue
        said = name in records.pages or records.without.get(name, "").strip()
        assert said, f"{name}: records.yaml has no page of it, nor says why under `without`"


def a_page_is_of_the_ids_that_the_mapping_gives(bench: Bench) -> None:
    """Of each shape of ids in records.yaml the fixtures have one."""
    records = bench.connector.records
    shapes: dict[str, list[tuple[str, bool]]] = {}
    for page in records.all_pages():
        assert page.entity in bench.mappings, f"records.yaml: {page.entity} is not mapped"
        shapes.setdefault(page.entity, []).append((page.prefix, page.is_number))
    for entity, kinds in shapes.items():
        if entity in bench.entities:
            ids = list(bench.finished(entity)["source_id"])
            found = any(fits(one, kinds) for one in ids)
            assert found, f"{entity}: no id of the fixtures is as records.yaml says, as {ids[0]!r}"


def fits(native: str, kinds: list[tuple[str, bool]]) -> bool:
    """Whether a native id has one of the shapes (prefix, only digits)."""
    return any(_is_id(native.removeprefix(prefix), number) for prefix, number in kinds if native.startswith(prefix))


def _is_id(text: str, is_number: bool) -> bool:
    allowed = "0123456789" if is_number else _ALL
    return bool(text) and all(letter in allowed for letter in text)


PROMISES = (
    each_kind_of_record_can_be_opened,
    a_page_is_of_the_ids_that_the_mapping_gives,
)
