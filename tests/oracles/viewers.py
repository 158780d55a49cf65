"""Whose records somebody sees, in Python; and random people above and below each other."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from tests.oracles.leads import rows

LEVELS = 6
TEAMS = {"n": "North", "s": "South"}
#: as the profile names them: team -> e-mail address
MANAGERS = ["north|ann@x.example", "south|bob@x.example"]
NAMES = ["Ann", "Bob", "Cem", "Dana", "Eva", "Finn", "Gil", "Hana", "Ivo", "Jun"]


def random_people(seed: int) -> dict[str, pd.DataFrame]:
    """Users with namesakes, without addresses, with the same one twice, and in circles."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 16))

    def pick(values: list[str | None]) -> str | None:
        return values[int(rng.integers(len(values)))]

    users = []
    for number in range(count):
        name = pick([*NAMES])
        address = (
            f"{name}@X.example" if rng.random() < 0.8 else pick([None, "", " ", "b@x.example"])
        )
        users.append({
            "id": f"u{number}",
            "name": name,
            "email": f" {address}" if address and rng.random() < 0.2 else address,
            "manager_id": pick([None, *(f"u{n}" for n in range(count))]),
            "team_id": pick([None, "n", "s"]),
            "created_at": pd.Timestamp("2025-03-01") + pd.Timedelta(days=int(rng.integers(300))),
        })  # fmt: skip
    teams = [{"id": key, "name": name} for key, name in TEAMS.items()]
    return {"user": pd.DataFrame(users), "team": pd.DataFrame(teams)}


def seen_by(users: pd.DataFrame) -> set[tuple[str, str]]:
    """(e-mail address, name): whose records that person sees."""
    people = {user["id"]: user for user in rows(users)}

    def address(user: dict[str, str | None]) -> str:
        return (user["email"] or "").strip().lower()

    viewers: dict[str, set[str]] = {}
    for key, user in people.items():
        seers = {address(user)}
        above = user
        for _ in range(LEVELS):
            above = people.get(above["manager_id"] or "", {"email": None, "manager_id": None})
            seers.add(address(above))
        team = TEAMS.get(user["team_id"] or "", "").lower()
        seers |= {
            address(one) for one in people.values() if team and f"{team}|{address(one)}" in MANAGERS
        }
        viewers[key] = seers - {""}
    named = Counter(user["name"] for user in people.values())
    seen = Counter((who, people[key]["name"]) for key, seers in viewers.items() for who in seers)
    return {(who, name) for (who, name), count in seen.items() if count == named[name]}
