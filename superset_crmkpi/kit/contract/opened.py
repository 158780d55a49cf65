"""Promises of the pages where the vendor shows single records."""

from __future__ import annotations

import re

from superset_crmkpi.connectors.records import OPENED
from superset_crmkpi.kit.contract.bench import Bench
from superset_crmkpi.kit.contract.expected import ids_of
from superset_crmkpi.profile.records import Page


def each_kind_of_record_can_be_opened(bench: Bench) -> None:
    """records.yaml has a page of accounts, contacts, leads, deals and tickets, or says why not."""
    records = bench.connector.records
    if records.none is not None:
        assert records.none.strip(), "records.yaml: `none` says why no record has a page"
        return
    for name in OPENED:
        said = name in records.pages or records.without.get(name, "").strip()
        assert said or name not in bench.mappings, (
            f"{name}: records.yaml has no page of it, nor says why under `without`"
        )


def pages_are_of_the_ids_that_mappings_give(bench: Bench) -> None:
    """Of the ids of expected.yaml one at least has the shape that records.yaml says."""
    for entity in dict.fromkeys(page.entity for page in bench.connector.records.all_pages()):
        assert entity in bench.mappings, f"records.yaml: {entity} is not mapped"
        shapes = [p for p in bench.connector.records.all_pages() if p.entity == entity]
        ids = ids_of(bench, entity)
        found = any(has_shape(native, page) for native in ids for page in shapes)
        assert found, f"{entity}: records.yaml has no page of ids as {ids[0]!r}" if ids else entity


def has_shape(native: str, page: Page) -> bool:
    """Whether a native id is one of the page."""
    letters = "[0-9]" if page.is_number else "[0-9A-Za-z_-]"
    return re.fullmatch(f"{page.prefix}{letters}+", native) is not None


PROMISES = (
    each_kind_of_record_can_be_opened,
    pages_are_of_the_ids_that_mappings_give,
)
