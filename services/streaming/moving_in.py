"""What somebody took along from another hub, taken in: what is here stays as it is, and twice is once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

import msgspec

from libs.common.contracts.links import MAX_LINKS, NewLink
from libs.common.contracts.moving import NEW_PROFILE, MovedRow
from libs.common.contracts.source_settings import SourceSettings
from libs.common.contracts.viewing_handover import Moment
from libs.common.errors import InvalidInput
from libs.common.identity import Identity
from libs.common.moving import Outcome, body_as, profile_of
from services.streaming.preferences import Preferences
from services.streaming.providers.errors import TooManyLinks
from services.streaming.providers.links import Links
from services.streaming.viewing.moving_in import MovedTitle, MovedVideo, MovingIn
from services.streaming.viewing_model import Owner

T = TypeVar("T")


class MovedLink(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    type: str
    video_id: str
    name: str
    added_at: Moment


class MovedSettings(msgspec.Struct, frozen=True, kw_only=True):
    settings: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Who keeps what comes in."""

    viewing: MovingIn
    links: Links
    preferences: Preferences


class Intake:
    """One call's. Nothing here has another id than it had."""

    ids: Final[dict[str, str]] = {}

    def __init__(self, parts: Parts, account_id: str, *, look: bool) -> None:
        self._parts = parts
        self._account_id = account_id
        self._look = look
        self._links_there = dict[str, set[str]]()

    async def take(self, kind: str, rows: Sequence[MovedRow]) -> Sequence[Outcome]:
        profile_id = profile_of(rows[0])
        match kind:
            case "viewing_titles":
                return await self._viewing(profile_id, rows, MovedTitle, self._parts.viewing.titles)
            case "viewing_videos":
                return await self._viewing(profile_id, rows, MovedVideo, self._parts.viewing.videos)
            case "links":
                return await self._links(Identity(self._account_id, profile_id), rows)
            case "source_settings":
                owner = Identity(self._account_id, profile_id)
                return [await self._settings(owner, row) for row in rows]
        return ["refused"] * len(rows)

    async def _viewing(
        self,
        profile_id: str,
        rows: Sequence[MovedRow],
        into: type[T],
        take: Callable[..., Awaitable[Sequence[Outcome]]],
    ) -> Sequence[Outcome]:
        moved = [body_as(row, into) for row in rows]
        readable = [one for one in moved if one is not None]
        if profile_id.startswith(NEW_PROFILE):
            found: Sequence[Outcome] = ["added"] * len(readable)
        else:
            found = await take(Owner(self._account_id, profile_id), readable, look=self._look)
        outcomes = iter(found)
        return ["refused" if one is None else next(outcomes) for one in moved]

    async def _links(self, owner: Identity, rows: Sequence[MovedRow]) -> Sequence[Outcome]:
        if owner.profile_id not in self._links_there:
            is_new = owner.profile_id.startswith(NEW_PROFILE)
            held = () if is_new else (await self._parts.links.all(owner)).items
            self._links_there[owner.profile_id] = {link.id for link in held}
        there = self._links_there[owner.profile_id]
        return [await self._link(owner, row, there) for row in rows]

    async def _link(self, owner: Identity, row: MovedRow, there: set[str]) -> Outcome:
        moved = body_as(row, MovedLink)
        if moved is None or not row.secret:
            return "refused" if moved is None else "credentials"
        if moved.id in there:
            return "there"
        if len(there) >= MAX_LINKS:
            return "refused"
        told = {"type": moved.type, "video_id": moved.video_id, "name": moved.name, "url": row.secret}
        try:
            new = msgspec.convert(told, NewLink)
            if self._look:
                self._parts.links.check(new)
            else:
                await self._parts.links.take_over(owner, moved.id, new, added_at=moved.added_at)
        except (msgspec.ValidationError, InvalidInput, TooManyLinks):
            return "refused"
        there.add(moved.id)
        return "added"

    async def _settings(self, owner: Identity, row: MovedRow) -> Outcome:
        moved = body_as(row, MovedSettings)
        try:
            settings = None if moved is None else msgspec.json.decode(moved.settings, type=SourceSettings)
        except (msgspec.MsgspecError, RecursionError):
            settings = None
        if settings is None:
            return "refused"
        is_new = owner.profile_id.startswith(NEW_PROFILE)
        if not is_new and await self._parts.preferences.has_chosen(owner):
            return "there"
        try:
            if not self._look:
                await self._parts.preferences.choose(owner, settings)
        except InvalidInput:
            return "refused"
        return "added"
