"""Keys of what facts read, so that joins which nobody reads can go.

Trusted are the ids of finished entities and the keys that facts declare. Of a source's raw tables
nothing is: a loader that appends may land a record twice, and a join to it would show it twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.query.keys import Keys

CALENDARS: Keys = {
    "calendar": [["date_day"], ["day_no"], ["days_ago"]],
    "business_calendar": [["schedule", "date_day"]],
}


def keys_of(model: Mapping[str, Entity], catalog: Catalog) -> Keys:
    """Entity, calendar or fact -> its keys."""
    facts = {name: [fact.meta.key] for name, fact in catalog.facts.items() if fact.meta.key}
    return {**{name: [["id"]] for name in model}, **CALENDARS, **facts}
