"""How a prediction says what it rests on, from past cases alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

TOO_LITTLE = "too little history"


def reasons(parts: Sequence[tuple[str, Sequence[bool]]]) -> str:
    """`label p % of n` of each kind of case, the widest first; no parts: too little history."""
    said = [
        f"{label} {math.floor(100 * sum(cases) / len(cases) + 0.5)} % of {len(cases)}"
        for label, cases in parts
    ]
    return "; ".join(said) or TOO_LITTLE


def band(cases: Sequence[bool]) -> str:
    """Ten percent wide, by the rate of a kind, whoever of it is asked about."""
    if not cases:
        return "(none)"
    low = min(90, 10 * (10 * sum(cases) // len(cases)))
    return "00-10 %" if low == 0 else f"{low}-{low + 10} %"
