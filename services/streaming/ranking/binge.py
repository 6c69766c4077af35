"""What makes a player go on with the same quality: a word that is equal for the next episode's source."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from libs.common.contracts.streaming import StreamFacts
from services.streaming.ranking.rank import Entry

REMEMBERED: Final = 4_096


def with_binge_group(entry: Entry) -> bytes:
    """The source as its addon sent it, with the group. What is known too little of keeps its addon's."""
    group = binge_group(entry.facts)
    raw = entry.offer.item.raw
    return _with_group(raw, group) if group else raw


def binge_group(facts: StreamFacts) -> str:
    """Resolution, kind, codec, range of light and languages, none of which names a file; "" if none is
    known."""
    if facts.resolution is None:
        return ""
    parts = (
        f"{facts.resolution}p",
        facts.quality or "",
        facts.codec or "",
        facts.hdr[0] if facts.hdr else "",
        "+".join(facts.languages),
    )
    return "headgate|" + "|".join(parts)


@lru_cache(REMEMBERED)
def _with_group(raw: bytes, group: str) -> bytes:
    members = msgspec.json.decode(raw)
    hints = members.get("behaviorHints")
    hints = hints if isinstance(hints, dict) else {}
    return msgspec.json.encode({**members, "behaviorHints": {**hints, "bingeGroup": group}})
