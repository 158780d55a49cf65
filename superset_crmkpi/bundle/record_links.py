"""From a row to the record in the vendor's application: a calculated column of a dataset.

An id of the model is `<source>:<native id>`, so it tells which source of the profile a record is
of, and by that where it is opened. Rows get a link only where the native id is made of nothing but
letters, digits, `_` and `-`: whatever a CRM lets people write cannot leave the address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.types import SUPERSET_TYPES
from superset_crmkpi.connectors.records import OpenedRecords
from superset_crmkpi.language.language import ENGLISH, Language
from superset_crmkpi.language.text import marked
from superset_crmkpi.profile.records import Page

#: the column, and what people read above it and in it
RECORD, LABEL, SHOWN = "record_link", marked("Record"), "Open"
#: asks for it as a verb, as other languages have another word for the state of a deal
OPEN_IT = marked("Open (a record)")
#: Superset's own sanitiser takes `rel` out; browsers then act as with it
_REST = '" target="_blank" rel="noopener noreferrer">'
#: pixels: it is a word wide
WIDTH = 80


class RecordLinks:
    """The links that a profile's sources can have."""

    def __init__(self, sources: Sequence[OpenedRecords] = ()) -> None:
        self.sources = sources

    def expression(
        self,
        opens: Mapping[str, str],
        entities: Collection[str],
        dialect: str,
        language: Language = ENGLISH,
    ) -> str | None:
        """SQL of the link of a row, '' where it has none; None where no row can have one.

        `opens`: column with ids -> its entity, or the column that tells it; the first that has a
        page is opened.
        """
        link = exp.Case()
        shown = SHOWN if language == ENGLISH else language.say(OPEN_IT)
        for column, told in opens.items():
            for source in self.sources:
                for page in source.pages:
                    address = page.address(source.bases)
                    if address is None or (told in entities and page.entity != told):
                        continue
                    conditions = _conditions(column, source.source, page)
                    if told not in entities:
                        conditions.append(exp.column(told).eq(exp.Literal.string(page.entity)))
                    link = link.when(
                        exp.and_(*conditions), _anchor(column, source.source, page, address, shown)
                    )
        if not link.args.get("ifs"):
            return None
        made = link.else_(exp.Literal.string(""))
        return dialects.finish(made, dialect).sql(dialect=dialect)


def _conditions(column: str, source: str, page: Page) -> list[exp.Expression]:
    """Whether a row is of that page."""
    prefix = f"{source}:{page.prefix}"
    start = exp.func("substr", exp.column(column), _number(1), _number(len(prefix)))
    check = "crm_is_digits" if page.is_number else "crm_is_id"
    native = _native(column, prefix)
    return [start.eq(exp.Literal.string(prefix)), dialects.call(check, native)]


def _anchor(
    column: str, source: str, page: Page, address: tuple[str, str], shown: str
) -> exp.Expression:
    before, after = map(escape, address)
    native = _native(column, f"{source}:{page.prefix}")
    opening = exp.Literal.string(f'<a href="{before}')
    whole = exp.DPipe(this=opening, expression=native, safe=False)
    rest = exp.Literal.string(f"{after}{_REST}{escape(shown)}</a>")
    return exp.DPipe(this=whole, expression=rest, safe=False)


def _native(column: str, prefix: str) -> exp.Expression:
    return exp.func("substr", exp.column(column), _number(len(prefix) + 1))


def _number(value: int) -> exp.Expression:
    return exp.Literal.number(value)


def column(expression: str, language: Language) -> dict[str, Any]:
    """The column of a dataset."""
    return {
        "column_name": RECORD,
        "verbose_name": language.say(LABEL),
        "is_dttm": False,
        "is_active": True,
        "type": SUPERSET_TYPES["text"],
        "groupby": False,
        "filterable": False,
        "expression": expression,
        "description": language.say("Opens the record in the application that it is of."),
        "python_date_format": None,
        "extra": {},
    }


def with_link(params: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a list that begins with the link."""
    config = {RECORD: {"columnWidth": WIDTH, "horizontalAlign": "center"}}
    return {
        **params,
        "all_columns": [RECORD, *params["all_columns"]],
        "allow_render_html": True,
        "column_config": {**params["column_config"], **config},
    }
