"""What vendors do that is left out of their worlds, each with the reason.

A switch goes when the product can do it: take its line out, and the test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.histories.events import Event

#: several events of a deal at one moment
TIES = "ties"
#: a stage is deleted, and only the past knows it
DELETED_STAGES = "deleted stages"
#: a row was loaded anew, and the one of before is still there
DOUBLED_ROWS = "doubled rows"
#: `closed_won` of older versions of Fivetran's HubSpot: true of every closed stage, lost ones too
CLOSED_WON = "closed_won is closed"

#: vendor -> what is left out of its worlds -> why
OFF: dict[str, dict[str, str]] = {
    "salesforce": {},
    "hubspot": {TIES: "its history has no order of what changed in one moment"},
    "pipedrive": {},
    "odoo": {},
}


def is_on(vendor: str, kind: str) -> bool:
    return kind not in OFF[vendor]


def kept(vendor: str, events: Iterable[Event]) -> list[Event]:
    """The events that the worlds of a vendor have for now."""
    found: list[Event] = []
    moments = set()
    for event in events:
        moment = event.seed, event.deal, event.at
        is_tie = moment in moments
        if event.kind == "delete stage" and not is_on(vendor, DELETED_STAGES):
            continue
        if is_tie and not is_on(vendor, TIES):
            continue
        moments.add(moment)
        found.append(event)
    return found
