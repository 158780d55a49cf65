"""What the facts of data trust hold row by row, record by record from the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles.labels import labels_of
from tests.oracles.records import (
    REQUIRED,
    identities,
    outdated,
    required,
    rules,
    scope,
    value,
)

Frames = Mapping[str, pd.DataFrame]
WAYS = {"domain": "web domain", "email": "e-mail", "phone": "phone", "name": "name"}


def with_nulls(frames: dict[str, pd.DataFrame], seed: int) -> Frames:
    """Fields that some sources do not have, and contacts that were merged away."""
    rng = np.random.default_rng(seed)
    sources = sorted(set(frames["contact"]["source_system"]))
    frames["data_quality_field"] = pd.DataFrame([
        {"id": f"{source}.{name}.{column}", "source_system": source, "entity": name,
         "column_name": column, "is_mapped": bool(rng.random() < 0.6)}
        for source in sources for name in REQUIRED for column in REQUIRED[name]
        if rng.random() < 0.5
    ])  # fmt: skip
    contacts = frames["contact"]
    contacts["merged_into_id"] = np.where(rng.random(len(contacts)) < 0.1, "other", None)
    return frames


def lacking(frames: Frames) -> set[tuple[str, str, str]]:
    """(source, object, field) of what a source does not have."""
    known = frames["data_quality_field"].to_dict("records")
    return {
        (row["source_system"], row["entity"], row["column_name"])
        for row in known
        if not row["is_mapped"]
    }


def record_rows(frames: Frames) -> Iterator[Rows]:
    yield from labels_of(frames, "records", "record_quality")
    yield fields(frames)
    yield faults(frames)


def fields(frames: Frames) -> Rows:
    """Required and checked fields: filled or not, valid or not."""
    found = []
    without = lacking(frames)
    for name, row in scope(frames):
        checks = rules(name, row)
        for column in {*REQUIRED[name], *checks}:
            if (row["source_system"], name, column) in without:
                continue
            wanted = column in REQUIRED[name]
            filled = required(row, column) is not None
            good = checks.get(column)
            words = column.replace("_", " ")
            fault, action = "(none)", "(none)"
            if wanted and not filled:
                fault, action = "missing", f"Fill in {words}"
            elif good is False:
                fault, action = "not valid", f"Correct {words}"
            found.append({
                "object": name, "record_id": row["id"], "field": column,
                "is_required": int(wanted), "is_filled": int(wanted and filled),
                "is_checked": int(good is not None), "is_valid": int(bool(good)),
                "fault": fault, "next_action": action,
            })  # fmt: skip
    where = "is_required = 1 or is_checked = 1"
    return Rows("record_quality", list(found[0]), found, where=where)


def faults(frames: Frames) -> Rows:
    """Duplicates, records without an owner and outdated ones, and what is to be done."""
    active = {user["id"] for user in frames["user"].to_dict("records") if user["is_active"]}
    twins, without = surplus_by(frames), lacking(frames)
    found = []
    for name, row in scope(frames):
        by = twins.get((name, row["id"]))
        ownable = (row["source_system"], name, "owner_id") not in without
        ownerless = ownable and row["owner_id"] not in active
        old = name == "contact" and outdated(row, frames["activity"])
        bounced = name == "contact" and bool(row["is_email_invalid"])
        problem, action = "(none)", "(none)"
        if by:
            problem, action = "duplicate", f"Merge with the older record (same {by})"
        elif ownerless:
            problem, action = "no active owner", "Give it to an active owner"
        elif old:
            problem = "outdated"
            action = "Check it is still right, or archive"
            action = "Find a working e-mail address, or archive" if bounced else action
        found.append({
            "object": name, "record_id": row["id"], "record_name": title(name, row),
            "last_seen_date": last_seen(name, row, frames["activity"]),
            "duplicate_by": by or "(none)", "is_surplus": int(by is not None),
            "is_outdated": int(old), "is_ownerless": int(ownerless), "problem": problem,
            "problems": int(by is not None) + int(old) + int(ownerless), "next_action": action,
        })  # fmt: skip
    return Rows("records", list(found[0]), found)


def title(name: str, row: Mapping[str, Any]) -> str:
    """First and last name, else what there is of them, the e-mail address or the company."""
    first = value(row, "first_name")
    last = value(row, "name" if name in ("account", "opportunity") else "last_name")
    company = {"contact": "account_id", "lead": "company_name"}.get(name)
    email = value(row, "email")
    own = value(row, company) if company else None
    full = f"{first} {last}" if first and last else last or first
    return str(full or email or own or "(no name)")


def last_seen(name: str, row: Mapping[str, Any], activities: pd.DataFrame) -> date | None:
    """The last change, or activity with a contact."""
    moments = [value(row, "updated_at") or value(row, "created_at")]
    if name == "contact":
        moments += list(activities.loc[activities["contact_id"] == row["id"], "occurred_at"])
    known = [pd.Timestamp(moment).date() for moment in moments if not pd.isna(moment)]
    return max(known, default=None)


def surplus_by(frames: Frames) -> dict[tuple[str, str], str]:
    """(object, id) -> by what it is the same as an older record of its source."""
    seen: set[Any] = set()
    found = {}
    records = [(name, row) for name, row in scope(frames) if name != "opportunity"]
    for name, row in sorted(records, key=lambda pair: (pair[1]["created_at"], pair[1]["id"])):
        keys = [(name, row["source_system"], *key) for key in identities(name, row)]
        ways = [key[2] for key in keys if key in seen]
        if ways:
            found[name, row["id"]] = WAYS[min(ways, key=list(WAYS).index)]
        seen |= set(keys)
    return found
