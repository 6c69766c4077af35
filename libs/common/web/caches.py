"""For the gateway: what each cache of this process is asked for most, and letting go of what it holds."""

from __future__ import annotations

from collections.abc import Iterable

from libs.common.states import Cleared, Clearing, KeysState
from libs.common.status import CacheDesk, Status

PATH = "/internal/caches"
MOST = 20


def keys_of(status: Status) -> tuple[KeysState, ...]:
    own = status.snapshot()
    return tuple(
        KeysState(service=own.service, instance=own.instance, cache=name, keys=desk.most_asked(MOST))
        for name, desk in status.desks.items()
    )


async def clear(status: Status, wanted: Clearing) -> Cleared:
    desks = [desk for name, desk in status.desks.items() if wanted.cache in ("", name)]
    return Cleared(entries=await _cleared(desks, wanted), caches=len(desks))


async def _cleared(desks: Iterable[CacheDesk], wanted: Clearing) -> int:
    entries = 0
    for desk in desks:
        if wanted.key:
            entries += await desk.remove(wanted.key)
        if wanted.tag:
            entries += await desk.remove_tag(wanted.tag)
        if wanted.all:
            entries += await desk.clear()
    return entries
