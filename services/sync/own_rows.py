"""What a profile goes on with and its watchlist as rows of players: who connects an account expects them."""

from __future__ import annotations

from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.rows import OWN_VIEWING
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.sync.model import Owner

WITHIN_S: Final = 20.0

log = structlog.get_logger(__name__)


class OwnRows:
    def __init__(self, catalog: CatalogClient, tasks: Tasks, clock: Clock) -> None:
        self._catalog = catalog
        self._tasks = tasks
        self._clock = clock

    def show_later(self, owner: Owner) -> None:
        """Once: where that fails, or the list is full, the profile has its page for it."""
        self._tasks.spawn("own_rows", self._show(owner))

    async def _show(self, owner: Owner) -> None:
        identity = Identity(owner.account_id, owner.profile_id)
        deadline = Deadline.after(self._clock, WITHIN_S)
        try:
            listed = await self._catalog.addons(identity, deadline=deadline)
            if all(addon.address != OWN_VIEWING for addon in listed.items):
                await self._catalog.add_addon(identity, OWN_VIEWING, deadline=deadline)
        except HeadgateError as error:
            log.warning("own_rows_not_shown", account=owner.account_id, code=error.code)
