"""Which account is which, worked out one account at a time from the rules of the docs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

SOURCES = ("crm", "billing", "desk")
IDS = {"b1": "c1", "b2": "nobody", "b3": "crm:c2"}
SHARED = ("gmail.com", "web.de")
Row = dict[str, Any]
World = dict[str, dict[str, list[Row]]]


def host(text: str | None) -> str | None:
    plain = (text or "").strip().lower()
    address = urlsplit(plain if "//" in plain else f"//{plain}")
    return (address.hostname or "").replace("www.", "") or None


class Truth:
    """What is what, worked out one account at a time."""

    def __init__(self, world: World, by: tuple[str, ...] = ("map", "domain", "email")) -> None:
        self.world = world
        self.resolved: dict[str, str] = {}
        self.how: dict[str, tuple[str, str | None, int]] = {}
        self.living = {
            f"{s}:{row['id']}": row
            for s in SOURCES
            for row in world[s]["accounts"]
            if not row["gone"]
        }
        self.emails: dict[str, set[str]] = defaultdict(set)
        for s in SOURCES:
            for row in world[s]["contacts"]:
                if not row["gone"] and row["account"] and row["email"] and "@" in row["email"]:
                    self.emails[f"{s}:{row['account']}"].add(row["email"].strip().lower())
        for place, source in enumerate(SOURCES):
            before = [key for key in self.living if key.split(":")[0] in SOURCES[:place]]
            for key in [key for key in self.living if key.split(":")[0] == source]:
                self.resolved[key] = key if place == 0 else self._resolve(key, before, by)

    def domain(self, key: str) -> str | None:
        own = host(self.living[key]["domain"])
        if own is not None:
            return None if own in SHARED else own
        hosts = {e.split("@", 1)[1] for e in self.emails[key]} - set(SHARED)
        return hosts.pop() if len(hosts) == 1 else None

    def candidates(self, key: str, rule: str, before: list[str]) -> set[str]:
        source, _, native = key.partition(":")
        if rule == "map":
            named = set()
            if source == "billing":
                if native in IDS:
                    named.add(IDS[native] if ":" in IDS[native] else f"crm:{IDS[native]}")
                if held := (self.living[key]["crm_id"] or "").strip():
                    named.add(held if ":" in held else f"crm:{held}")
            if source == "desk":
                named |= {b for b in before if (self.living[b]["desk_id"] or "").strip() == native}
            found = named & set(before)
        elif rule == "domain":
            own = self.domain(key)
            found = {b for b in before if own is not None and self.domain(b) == own}
        else:
            found = {b for b in before if self.emails[b] & self.emails[key]}
        return {self.resolved[b] for b in found}

    def _resolve(self, key: str, before: list[str], by: tuple[str, ...]) -> str:
        tried = [(rule, self.candidates(key, rule, before)) for rule in by]
        for rule, found in tried:
            if len(found) == 1:
                self.how[key] = ("matched", rule, 1)
                return found.pop()
        unclear = next(((rule, len(found)) for rule, found in tried if found), None)
        self.how[key] = ("ambiguous", *unclear) if unclear else ("unmatched", None, 0)
        return key

    def account(self, source: str, native: str | None) -> str | None:
        own = f"{source}:{native}"
        return None if native is None else self.resolved.get(own, own)

    def first(self, account: str, column: str) -> Any:
        """The leading account's value; else of each source in turn, by its lowest id."""
        same = sorted(key for key, found in self.resolved.items() if found == account)
        speakers = [account]
        for source in SOURCES:
            speakers += [key for key in same if key.startswith(f"{source}:")][:1]
        return next((v for v in (self.living[key][column] for key in speakers) if v), None)
