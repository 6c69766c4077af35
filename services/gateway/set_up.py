"""Whether the hub has its owner, which every look at a page of the way in depends on."""

from libs.common.contracts.auth import AuthClient
from libs.common.deadline import Deadline


class SetUp:
    """Asks auth until there is an owner. An owner can't be removed, so that is known for good then, whichever
    replica was asked, and a crowd of strangers costs auth nothing."""

    def __init__(self, auth: AuthClient) -> None:
        self._auth = auth
        self._is_done = False

    async def is_needed(self, *, deadline: Deadline) -> bool:
        if not self._is_done:
            self._is_done = not (await self._auth.setup_state(deadline=deadline)).needed
        return not self._is_done
