"""The account's profiles that what was brought goes into: those of the same name, or made for it."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.accounts import MAX_PROFILES, AccountsClient
from libs.common.contracts.moving import NEW_PROFILE
from libs.common.deadline import Deadline
from libs.common.errors import Conflict
from libs.common.identity import Identity
from services.sync.moving.form import ProfileRow

WITHIN_S: Final = 60.0


class Profiles:
    """Raises what auth answers. All by their ids in the file."""

    def __init__(self, accounts: AccountsClient, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    async def known(self, account: Identity, brought: tuple[ProfileRow, ...]) -> dict[str, str]:
        """Those that are here, and for the others what stands for one that is still to be made."""
        here = await self._here(account)
        return {one.id: here.get(one.name, f"{NEW_PROFILE}{number}") for number, one in enumerate(brought)}

    async def check_room(self, account: Identity, brought: tuple[ProfileRow, ...]) -> None:
        """Raises Conflict."""
        _check_room(await self._here(account), brought)

    async def made(self, account: Identity, brought: tuple[ProfileRow, ...]) -> dict[str, str]:
        """Those that are missing are made. For one at a time: two would make each of them twice."""
        here = await self._here(account)
        _check_room(here, brought)
        for one in brought:
            if one.name not in here:
                made = await self._accounts.create_profile(account, one.name, deadline=self._soon())
                here[one.name] = made.id
        return {one.id: here[one.name] for one in brought}

    async def _here(self, account: Identity) -> dict[str, str]:
        found = await self._accounts.list_profiles(account, deadline=self._soon())
        return {one.name: one.id for one in found.items}

    def _soon(self) -> Deadline:
        return Deadline.after(self._clock, WITHIN_S)


def _check_room(here: dict[str, str], brought: tuple[ProfileRow, ...]) -> None:
    if len(here.keys() | {one.name for one in brought}) > MAX_PROFILES:
        raise Conflict(f"With its profiles there would be more than {MAX_PROFILES}. Delete some first.")
