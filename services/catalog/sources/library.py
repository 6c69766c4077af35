"""The library as an addon of its owner's list, whose address says who that is."""

from __future__ import annotations

from typing import Final, Protocol
from urllib.parse import quote, unquote

from libs.addons.addon import LIBRARY
from libs.common.deadline import Deadline
from libs.common.http import UpstreamStatus
from libs.protocols.stremio.answers import AddonAnswer, CacheBounds, parse_answer
from libs.protocols.stremio.manifest import Manifest, parse_manifest
from libs.protocols.stremio.paths import ResourcePath
from services.catalog.model import Owner

MANIFEST_S: Final = 3600


class Answering(Protocol):
    """Whoever knows the library."""

    async def manifest(self, owner: Owner) -> bytes: ...

    async def answer(self, owner: Owner, path: ResourcePath, *, deadline: Deadline) -> bytes | None: ...


def address_of(owner: Owner, *, begins: str = LIBRARY) -> str:
    return f"{begins}{quote(owner.account_id, safe='')}/{quote(owner.profile_id, safe='')}"


def owner_at(address: str, *, begins: str = LIBRARY) -> Owner:
    account, _, profile = address.removeprefix(begins).partition("/")
    return Owner(unquote(account), unquote(profile))


class LibrarySource:
    """Asks for the owner whose address it is."""

    def __init__(self, library: Answering) -> None:
        self._library = library

    async def manifest(
        self, transport_url: str, *, deadline: Deadline
    ) -> tuple[Manifest, bytes, CacheBounds]:
        body = await self._library.manifest(owner_at(transport_url))
        return parse_manifest(body), body, CacheBounds(MANIFEST_S)

    async def resource(self, transport_url: str, path: ResourcePath, *, deadline: Deadline) -> AddonAnswer:
        body = await self._library.answer(owner_at(transport_url), path, deadline=deadline)
        if body is None:
            raise UpstreamStatus(404, host="The library")
        return parse_answer(path.resource, body, {})
