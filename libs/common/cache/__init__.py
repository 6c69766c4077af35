"""The cache of every service: see `cache.py` for what it promises."""

from __future__ import annotations

from libs.common.cache.cache import Cache, CacheStopped, Load, LoadTimedOut
from libs.common.cache.entry import Entry, Lives, Loaded, Lookup, State

__all__ = [
    "Cache",
    "CacheStopped",
    "Entry",
    "Lives",
    "Load",
    "LoadTimedOut",
    "Loaded",
    "Lookup",
    "State",
]
