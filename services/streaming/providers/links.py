"""Addresses that users gave for titles, kept sealed, and offered as sources of them."""

from __future__ import annotations

from typing import Final, get_args
from urllib.parse import urlsplit

import structlog

from libs.common.clock import Clock, epoch_ms, moment_of
from libs.common.contracts.links import MAX_LINKS, LinkList, LinkType, LinkView, NewLink
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput
from libs.common.http import FetchError, Guard
from libs.common.identity import Identity
from libs.common.secrets import SecretBox, SecretsError, new_token
from services.streaming.providers.base import Capabilities, Found, StreamObject, Video
from services.streaming.providers.errors import LinkNotFound, TooManyLinks
from services.streaming.store.links import LinkStore, StoredLink

log = structlog.get_logger(__name__)

ANY_TYPE: Final = get_args(LinkType)


class Links:
    """A profile's own, and a provider of what they lead to."""

    id = "links"
    name = "Your links"
    capabilities = Capabilities(types=ANY_TYPE)

    def __init__(self, store: LinkStore, box: SecretBox, guard: Guard, clock: Clock) -> None:
        self._store = store
        self._box = box
        self._guard = guard
        self._clock = clock

    async def all(self, owner: Identity) -> LinkList:
        return LinkList(tuple(self._view(owner, link) for link in await self._store.all(owner)))

    async def add(self, owner: Identity, new: NewLink) -> LinkView:
        """Raises InvalidInput for an address that the hub would not ask, TooManyLinks."""
        link = await self._put(owner, new_token(bytes_=9), new, epoch_ms(self._clock))
        return self._view(owner, link)

    async def take_over(self, owner: Identity, id_: str, new: NewLink, *, added_at: int) -> None:
        """One that another hub kept under that id. Raises as `add` does."""
        await self._put(owner, id_, new, added_at)

    def check(self, new: NewLink) -> str:
        """Its address as it is kept. Raises InvalidInput for one that nobody may ask."""
        url = new.url.strip()
        try:
            self._guard.check_url(url)
        except FetchError as error:
            raise InvalidInput(str(error), fields={"url": str(error)}) from error
        return url

    async def _put(self, owner: Identity, id_: str, new: NewLink, added_at: int) -> StoredLink:
        url = self.check(new)
        link = StoredLink(
            id=id_,
            type=new.type,
            video_id=new.video_id.strip(),
            name=new.name.strip(),
            sealed_url=self._box.seal(
                url.encode(), context=link_context(owner.account_id, owner.profile_id, id_)
            ),
            added_at=added_at,
        )
        if not await self._store.add(owner, link, most=MAX_LINKS):
            raise TooManyLinks(f"A profile has at most {MAX_LINKS} links. Remove one first.")
        return link

    async def remove(self, owner: Identity, link_id: str) -> None:
        if not await self._store.remove(owner, link_id):
            raise LinkNotFound("There is no such link.")

    async def streams(self, identity: Identity, video: Video, *, deadline: Deadline) -> Found:
        links = await self._store.of_video(identity, video.type, video.id)
        streams = [_stream(link, url) for link in links if (url := self._opened(identity, link))]
        return Found(streams)

    def _opened(self, owner: Identity, link: StoredLink) -> str:
        """ "" for one that can't be opened: its owner sees that it has no address."""
        try:
            return self._box.open(
                link.sealed_url, context=link_context(owner.account_id, owner.profile_id, link.id)
            ).decode()
        except (SecretsError, UnicodeDecodeError):
            log.warning("link_unreadable", link_id=link.id)
            return ""

    def _view(self, owner: Identity, link: StoredLink) -> LinkView:
        split = urlsplit(self._opened(owner, link))
        return LinkView(
            id=link.id,
            type=link.type,
            video_id=link.video_id,
            name=link.name,
            address=f"{split.scheme}://{split.hostname or ''}/…" if split.scheme else "",
            added_at=moment_of(link.added_at),
        )


def _stream(link: StoredLink, url: str) -> StreamObject:
    path = urlsplit(url).path
    is_web_ready = url.startswith("https:") and path.lower().endswith((".mp4", ".m3u8"))
    hints: dict[str, object] = {"notWebReady": not is_web_ready}
    file = path.rpartition("/")[2]
    if "." in file:
        hints["filename"] = file
    return {"name": Links.name, "description": link.name or file, "url": url, "behaviorHints": hints}


def link_context(account_id: str, profile_id: str, link_id: str) -> str:
    return f"links:sealed_url:{account_id}:{profile_id}:{link_id}"
