"""What is known of how long sources take to begin: figures that count for less the older they are."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

HALF_LIFE_S: Final = 24 * 3600.0
ENOUGH: Final = 1.0
"""Starts that tell something, each counting less the older it is: one alone says little, and what sank and
isn't opened any more is unknown again in a while."""
SERVERS_REMEMBERED: Final = 1_024
_NUMBER: Final = re.compile(r"[0-9]+")


class Start(NamedTuple):
    """`source` is what `source_of` says. `began_at` is in epoch milliseconds."""

    source: str
    began_at: int
    took_ms: int


class StartTimes:
    """Of one profile, as of a moment."""

    def __init__(self, took_ms: Mapping[str, int]) -> None:
        self._took_ms = took_ms

    @classmethod
    def of(cls, starts: Iterable[Start], now_ms: int) -> Self:
        weights: defaultdict[str, float] = defaultdict(float)
        sums: defaultdict[str, float] = defaultdict(float)
        for start in starts:
            weight = 0.5 ** (max(0, now_ms - start.began_at) / (HALF_LIFE_S * 1000))
            weights[start.source] += weight
            sums[start.source] += weight * start.took_ms
        return cls(
            {source: round(sums[source] / weight) for source, weight in weights.items() if weight > ENOUGH}
        )

    def ms(self, addon_id: str, address: str | None) -> int | None:
        """None where too little is known."""
        if not self._took_ms or not address:
            return None
        return self._took_ms.get(_source_at(addon_id, "/".join(address.split("/", 3)[:3])))


NOTHING_KNOWN: Final = StartTimes({})


def source_of(addon_id: str, address: str) -> str:
    """A name for who offers something and the kind of server it is at, which tells neither. Servers that
    differ by a number are of one kind: `dl12.store.example` is as fast as `dl7.store.example`."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    is_name = any(letter.isalpha() for letter in host)
    kind = _NUMBER.sub("0", host) if is_name and ":" not in host else host
    return hashlib.blake2b(f"{addon_id} {kind}".encode(errors="replace"), digest_size=16).hexdigest()


_source_at: Final = lru_cache(SERVERS_REMEMBERED)(source_of)
"""Of an address without its path: a list has hundreds of sources, at a few servers."""
