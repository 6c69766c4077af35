"""Sites whose pages may stand in a frame: the operator's setting, which streaming reads and pages need."""

from __future__ import annotations

from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.embeds import PATH, EmbedSites
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity

KEPT_S: Final = 300.0
"""It changes when streaming is started anew."""

log = structlog.get_logger(__name__)


class Frames:
    """Asked once for a while: the same for everybody."""

    def __init__(self, streaming: ServiceClient, clock: Clock) -> None:
        self._streaming = streaming
        self._clock = clock
        self._origins: tuple[str, ...] = ()
        self._until = 0.0

    async def origins(self, identity: Identity, *, deadline: Deadline) -> tuple[str, ...]:
        """None unless the operator has set any. Those last known where nobody answers."""
        if self._clock.monotonic() >= self._until:
            try:
                sites = await self._streaming.call(
                    "GET", PATH, identity=identity, deadline=deadline, into=EmbedSites
                )
            except HeadgateError as error:
                log.info("embeds_not_known", code=error.code)
                return self._origins
            self._origins = tuple(site.origin for site in sites.items)
            self._until = self._clock.monotonic() + KEPT_S
        return self._origins
