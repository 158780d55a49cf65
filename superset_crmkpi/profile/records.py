"""The pages of single records in a vendor's own application: their addresses, and what they need.

A page is written as the shape of the ids that it is for, and its address:

    opportunity: "{base}/lightning/r/Opportunity/{id}/view"
    account: {"{number}": "{base}/agent/organizations/{number}", "sell-{number}": ...}

`{id}` is made of letters, digits, `_` and `-`, `{number}` of digits; what stands before it is in
the ids of the model, and not in the address. Other braces are an address that the profile gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

#: of a connector that needs only one address, and of an address without a name
BASE = "base"
_SHAPE = re.compile(r"(?P<prefix>[A-Za-z0-9_-]*)\{(?P<kind>id|number)\}")
#: what may stand in an address: nothing that ends an attribute of HTML, or that a driver reads
_PLAIN = r"[A-Za-z0-9/:.?&=#_~+,@!-]*"
_ADDRESS = re.compile(
    rf"(?P<start>https?://[^{{}}/]|\{{(?P<base>[a-z][a-z_]*)\}})(?P<before>{_PLAIN})"
    rf"\{{(?P<kind>id|number)\}}(?P<after>{_PLAIN})"
)


@dataclass(frozen=True)
class Page:
    """The page of records of one kind whose ids are `prefix` and an id, or only digits.

    `base` names the address that stands before `before`; None where that begins the address.
    """

    entity: str
    prefix: str
    is_number: bool
    base: str | None
    before: str
    after: str

    @classmethod
    def of(cls, entity: str, shape: str, address: str) -> Page:
        """ValueError, in one line, for a page that is none."""
        ids, found = _SHAPE.fullmatch(shape), _ADDRESS.fullmatch(address)
        if ids is None:
            raise ValueError(
                f"`{shape}` is no shape of ids: write {{id}}, {{number}} or old-{{id}}"
            )
        if found is None:
            raise ValueError(
                f"`{address}` is no address of a record: begin it with https:// or {{base}}, and "
                f"write {{{ids['kind']}}} once, without quotes, blanks and %"
            )
        if ids["kind"] != found["kind"]:
            raise ValueError(f"`{address}`: write {{{ids['kind']}}} there too, as in `{shape}`")
        base = found["base"]
        before = found["before"] if base else found["start"] + found["before"]
        is_number = ids["kind"] == "number"
        return cls(entity, ids["prefix"], is_number, base, before, found["after"])

    def address(self, bases: Mapping[str, str]) -> tuple[str, str] | None:
        """What stands before and behind the id; None where its base is not given."""
        if self.base is None:
            return self.before, self.after
        if self.base not in bases:
            return None
        return bases[self.base].rstrip("/") + self.before, self.after


def pages(entity: str, given: str | Mapping[str, str]) -> Iterator[Page]:
    """The pages of an entity as they are written. ValueError for one that is none."""
    if isinstance(given, str):
        given = {"{number}" if "{number}" in given else "{id}": given}
    for shape, address in given.items():
        yield Page.of(entity, shape, address)


def check_base(url: str) -> str:
    """The address of an application, or ValueError in one line, which repeats no password."""
    example = "as https://acme.example"
    if "@" in url:
        raise ValueError(f"a user or password stands in the address; write it without, {example}")
    strange = next((char for char in url if char in "?#" or not re.fullmatch(_PLAIN, char)), None)
    if strange is not None:
        raise ValueError(f"`{strange}` cannot stand in the address; write it {example}")
    try:
        parts = urlsplit(url)
        is_website = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_website = is_website and parts.port != 0  # reading it refuses one that is no number
    except ValueError:
        is_website = False
    if not is_website:
        raise ValueError(f"`{url}` is no address of a website; write it {example}")
    return url
