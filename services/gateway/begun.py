"""Videos that a player of Stremio seems to have begun, told to viewing state.

Such players tell addons nothing of what they play. What they ask for at its start is a sign: its subtitles,
and what the hub itself plays. Some ask ahead of time, so a sign is no more than that: it moves no position,
marks nothing as watched, and no other service is told.
"""

from collections import OrderedDict
from contextlib import suppress
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.viewing import LIVE, BegunVideo
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.tasks import Tasks

TOLD_S: Final = 600.0
"""A player asks several times while it starts one video, and for each of its ranges."""
MOST_REMEMBERED: Final = 4096
AT_ONCE: Final = 16
"""Told at one time; whatever comes beyond that is lost, which costs a sign and nothing else."""
WAIT_S: Final = 2.0


class Begun:
    """No player waits for it, and none learns whether it worked."""

    def __init__(self, viewing: ViewingClient, *, clock: Clock, tasks: Tasks) -> None:
        self._viewing = viewing
        self._clock = clock
        self._tasks = tasks
        self._told: OrderedDict[tuple[str, str, str], float] = OrderedDict()
        self._under_way = 0

    def tell(self, identity: Identity, type_: str, video_id: str) -> None:
        key = (identity.account_id, identity.profile_id, video_id)
        now = self._clock.monotonic()
        if type_ in LIVE or self._under_way >= AT_ONCE or self._told.get(key, now) > now:
            return
        self._told[key] = now + TOLD_S
        self._told.move_to_end(key)
        if len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
        with suppress(RuntimeError):  # the app is closing
            self._tasks.spawn("tell_begun", self._send(identity, video_id, type_))
            self._under_way += 1

    async def _send(self, identity: Identity, video_id: str, type_: str) -> None:
        try:
            with suppress(HeadgateError):
                deadline, video = (
                    Deadline.after(self._clock, WAIT_S),
                    BegunVideo(video_id=video_id, type=type_),
                )
                await self._viewing.begun(identity, video, deadline=deadline)
        finally:
            self._under_way -= 1
