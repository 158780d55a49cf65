"""Who gets the messages of an owner, as Superset's recipients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.profile.alerts import DEFAULT, Recipients


@dataclass(frozen=True)
class Told:
    """Recipients by the owner's role, and e-mail addresses of owners that have none there."""

    by_role: Mapping[str, Recipients]
    emails: Mapping[str, str] = field(default_factory=dict)

    def of(self, role: str) -> Recipients | None:
        """The role's own, else the owner's address, else the default."""
        if role in self.by_role:
            return self.by_role[role]
        if role in self.emails:
            return Recipients(email=[self.emails[role]])
        return self.by_role.get(DEFAULT)


def recipients(
    told: Told, roles: Sequence[str], given: Recipients | None = None
) -> list[dict[str, Any]]:
    """Those of the roles, each once, or those given; one entry per way, a webhook each."""
    found = [given] if given else [one for role in roles if (one := told.of(role)) is not None]
    emails = dict.fromkeys(address for one in found for address in one.email)
    channels = dict.fromkeys(channel for one in found for channel in one.slack)
    hooks = dict.fromkeys(hook for one in found for hook in one.webhook)
    targets = [("Email", ", ".join(emails)), ("Slack", ",".join(channels))]
    targets += [("Webhook", hook) for hook in hooks]
    return [
        {"type": kind, "recipient_config_json": {"target": target}}
        for kind, target in targets
        if target
    ]
