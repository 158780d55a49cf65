"""Data-trust KPIs in plain Python, from their definitions; and random records to try.

The world of a record is its source: duplicates are looked for within one source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

TODAY = date(2026, 6, 30)
PLACEHOLDERS = {
    "",
    "-",
    "--",
    ".",
    "?",
    "n/a",
    "na",
    "none",
    "null",
    "test",
    "tbd",
    "unknown",
    "xxx",
}
REQUIRED = {
    "account": ("name", "owner_id", "industry", "country_code", "website_domain"),
    "contact": ("last_name", "email", "phone", "account_id", "owner_id"),
    "lead": ("last_name", "company_name", "email", "lead_source", "owner_id"),
    "opportunity": ("name", "account_id", "owner_id", "amount", "expected_close_date"),
}
EMAIL = re.compile(r"[^@\s]+@[^@\s.][^@\s]*\.[^@\s.]+")


def value(row: Mapping[str, Any], column: str) -> Any:
    """A field without its placeholders; None when empty."""
    found = row.get(column)
    if found is None or (not isinstance(found, str) and pd.isna(found)):
        return None
    if not isinstance(found, str):
        return found
    return None if found.strip().lower() in PLACEHOLDERS else found.strip()


def required(row: Mapping[str, Any], column: str) -> Any:
    """The field; a closed deal has its close date, whether or not one was expected."""
    if column == "expected_close_date":
        return value(row, "closed_at") or value(row, column)
    return value(row, column)


def scope(frames: Mapping[str, pd.DataFrame]) -> list[tuple[str, dict[str, Any]]]:
    """(object, record) of everything that is measured."""
    found = []
    for name in REQUIRED:
        for row in frames[name].astype(object).to_dict("records"):
            converted = name == "lead" and row["status"] == "converted"
            if not converted and value(row, "merged_into_id") is None:
                found.append((name, row))
    return found


def kpis(frames: Mapping[str, pd.DataFrame], world: str) -> dict[str, float | None]:
    """The KPIs of one source."""
    records = [(name, row) for name, row in scope(frames) if row["source_system"] == world]
    active = {u["id"] for u in frames["user"].to_dict("records") if u["is_active"]}
    fields = [required(row, column) for name, row in records for column in REQUIRED[name]]
    checks = [ok for name, row in records for ok in validity(name, row)]
    contacts = [row for name, row in records if name == "contact"]
    matched = [(name, row) for name, row in records if name != "opportunity"]
    return {
        "data_completeness": _share([field is not None for field in fields]),
        "data_accuracy": _share(checks),
        "ownerless_records": _share([row["owner_id"] not in active for _, row in records]),
        "outdated_contacts": _share([outdated(row, frames["activity"]) for row in contacts]),
        "duplicate_rate": surplus(matched) / len(matched) if matched else None,
    }


def validity(name: str, row: Mapping[str, Any]) -> list[bool]:
    """Per rule that there is something to check by: passed or failed."""
    return list(rules(name, row).values())


def rules(name: str, row: Mapping[str, Any]) -> dict[str, bool]:
    """Field -> whether what stands in it can be right; without the empty ones."""
    email, phone = value(row, "email"), value(row, "phone")
    domain, country = value(row, "website_domain"), value(row, "country_code")
    checks: dict[str, bool] = {}
    if email is not None:
        good = EMAIL.fullmatch(email) is not None and ".." not in email
        checks["email"] = good and not bool(row.get("is_email_invalid"))
    if phone is not None:
        digits = re.sub(r"[\s().+/-]", "", phone)
        checks["phone"] = re.fullmatch(r"[0-9]{7,15}", digits) is not None
    if domain is not None:
        checks["website_domain"] = re.fullmatch(r"[^@\s/.]+(\.[^@\s/.]+)+", domain) is not None
    if country is not None:
        checks["country_code"] = len(country) == 2
    if name == "opportunity":
        if value(row, "amount") is not None:
            checks["amount"] = bool(row["amount"] >= 0)
        close = required(row, "expected_close_date")
        if close is not None:
            day = pd.Timestamp(close).date()
            future = row["status"] != "open" and day > TODAY
            checks["expected_close_date"] = day >= row["created_at"].date() and not future
    return checks


def outdated(contact: Mapping[str, Any], activities: pd.DataFrame) -> bool:
    """Bounced, or neither changed nor touched for a year."""
    touched = list(activities.loc[activities["contact_id"] == contact["id"], "occurred_at"])
    moments = [*touched, value(contact, "updated_at") or contact["created_at"]]
    last = max(pd.Timestamp(moment) for moment in moments)
    return bool(contact["is_email_invalid"]) or (TODAY - last.date()).days > 365


def surplus(records: list[tuple[str, dict[str, Any]]]) -> int:
    """Records that share a key with an older one of the same object."""
    seen: set[Any] = set()
    count = 0
    for name, row in sorted(records, key=lambda pair: (pair[1]["created_at"], pair[1]["id"])):
        keys = {(name, *key) for key in identities(name, row)}
        count += bool(keys & seen)
        seen |= keys
    return count


def identities(name: str, row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What makes two records the same."""
    keys: list[tuple[str, ...]] = []
    if name == "account":
        domain, title = value(row, "website_domain"), value(row, "name")
        if domain and value(row, "parent_account_id") is None and domain != "gmail.com":
            keys.append(("domain", domain.lower().removeprefix("www.")))
        if title:
            words = re.sub(r"[.,]", "", title.lower()).split()
            plain = "".join(w for w in words if w not in ("inc", "gmbh", "ltd", "llc", "ag"))
            keys.append(("name", plain))
        return keys
    email, phone, last = (value(row, column) for column in ("email", "phone", "last_name"))
    company = value(row, "account_id" if name == "contact" else "company_name")
    first = value(row, "first_name")
    if email:
        keys.append(("email", email.lower()))
    if phone and last and len(re.sub(r"[\s().+/-]", "", phone)) >= 7:
        keys.append(("phone", re.sub(r"[\s().+/-]", "", phone), last.lower()))
    if first and last and company:
        keys.append(("name", first.lower(), last.lower(), company.lower()))
    return keys


def _share(flags: list[bool]) -> float | None:
    return sum(bool(flag) for flag in flags) / len(flags) if flags else None


def random_records(seed: int, worlds: int = 25) -> dict[str, pd.DataFrame]:
    """Frames of messy records of several sources."""
    rng = np.random.default_rng(seed)

    def pick(*options: Any) -> Any:
        return options[int(rng.integers(0, len(options)))]

    frames: dict[str, list[dict[str, Any]]] = {name: [] for name in REQUIRED}
    activities: list[dict[str, Any]] = []
    for world in range(worlds):
        for name in REQUIRED:
            for number in range(int(rng.choice([0, 1, 2, 9]))):
                created = datetime(2024, 1, 1) + timedelta(minutes=int(rng.integers(0, 900 * 1440)))
                row = {
                    "id": f"w{world:02}-{name}-{number}",
                    "source_system": f"w{world:02}",
                    "created_at": created,
                    "updated_at": pick(
                        None,
                        min(
                            created + timedelta(days=int(rng.integers(0, 400))),
                            datetime(2026, 6, 29),
                        ),
                    ),
                    "owner_id": pick("ann", "bob", "gone", None),
                }
                row.update(_fields(name, pick, world))
                frames[name].append(row)
                if name == "contact" and rng.random() < 0.3:
                    activities.append(
                        {
                            "id": f"a{len(activities)}",
                            "contact_id": row["id"],
                            "occurred_at": pick(datetime(2026, 3, 1), datetime(2024, 3, 1)),
                        }
                    )
    users = [
        {"id": "ann", "name": "Ann", "is_active": True},
        {"id": "bob", "name": "Bob", "is_active": False},
    ]
    return {
        **{name: pd.DataFrame(rows) for name, rows in frames.items()},
        "activity": pd.DataFrame(activities, columns=["id", "contact_id", "occurred_at"]),
        "user": pd.DataFrame(users),
    }


def _fields(name: str, pick: Any, world: int) -> dict[str, Any]:
    person = {
        "first_name": pick("Eva", "eva ", "Max", None),
        "last_name": pick("Stone", "STONE", "test", "Wood"),
        "email": pick(
            "eva@x.io", "Eva@x.io", "max@x.io", "max.x.io", "a@b", "a b@c.de", "N/A", None
        ),
        "phone": pick(
            "+49 30 123-4567", "030 1234567", "(030) 1234567", "12", "call me", "-", None
        ),
        "country_code": pick("DE", "DEU", " ", None),
        "lead_source": pick("web", "unknown", None),
    }
    if name == "account":
        return {
            "name": pick("Acme Inc.", "ACME", "Blue Sky GmbH", "Blue Sky", "test"),
            "website_domain": pick("acme.com", "www.acme.com", "gmail.com", "acme", "n/a", None),
            "parent_account_id": pick(None, None, f"w{world:02}-account-0"),
            "industry": pick("retail", "none", "-", None),
            "country_code": person["country_code"],
        }
    if name == "contact":
        return {
            **person,
            "account_id": pick("a1", "a2", None),
            "is_email_invalid": pick(True, False, None),
        }
    if name == "lead":
        return {
            **person,
            "company_name": pick("Acme", "Blue", "?", None),
            "status": pick("open", "working", "converted"),
        }
    return {
        "name": pick("Deal", "tbd"),
        "account_id": pick("a1", None),
        "status": pick("open", "won", "lost"),
        "amount": pick(100.0, -5.0, 0.0, None),
        "expected_close_date": pick(date(2026, 9, 1), date(2023, 1, 1), None),
        "closed_at": pick(datetime(2026, 6, 1, 12), None),
    }
