"""Where things are played from. Streaming asks, for whoever a signed path is of."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.playing import PREFIX, Playable, PlayableQuery
from libs.common.media import LibraryKind
from libs.common.web import Endpoint, json_response, read_query
from services.catalog import keys
from services.catalog.errors import ItemNotFound
from services.catalog.library_model import PREFIX as PREFIX_OF_IDS
from services.catalog.library_model import number_of
from services.catalog.routes.asking import owner_of

KINDS: dict[str, LibraryKind] = {"live": "live", "movie": "movie", "series": "series"}


async def show(request: web.Request) -> web.Response:
    kind = KINDS.get(request.match_info["kind"])
    number = number_of(f"{PREFIX_OF_IDS}{request.match_info['item']}")
    if kind is None or number is None:
        raise ItemNotFound
    query = read_query(request, PlayableQuery)
    return json_response(await request.app[keys.PLAYABLES].find(owner_of(request), kind, number, query))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=PREFIX + "/{kind}/{item}",
        handler=show,
        summary="The provider's addresses of something, for who plays it",
        access="internal",
        query=PlayableQuery,
        response=Playable,
        documented=False,
    ),
)
