"""`/api/v1/connections/trakt/outgoing`: what is on its way to Trakt, and what could not be sent."""

from __future__ import annotations

from aiohttp import web

from libs.common.clock import moment_of, moment_or_none
from libs.common.contracts.outgoing import OUTGOING, OutgoingView, Undelivered
from libs.common.web import Endpoint, json_response
from services.sync.errors import OutgoingNotFound
from services.sync.keys import OUTGOING_WAITING
from services.sync.outgoing_model import Outgoing
from services.sync.routes.asking import owner_of


async def show_outgoing(request: web.Request) -> web.Response:
    queue, dead = await request.app[OUTGOING_WAITING].view(owner_of(request))
    return json_response(
        OutgoingView(
            waiting=queue.waiting,
            oldest_at=moment_or_none(queue.oldest_at),
            resumes_at=moment_of(queue.not_before) if queue.reason else None,
            reason=queue.reason,
            undelivered=queue.dead,
            dropped=queue.dropped,
            items=tuple(shown for one in dead if (shown := _undelivered(one)) is not None),
        )
    )


async def resend(request: web.Request) -> web.Response:
    await request.app[OUTGOING_WAITING].resend(owner_of(request), _number(request))
    return web.Response(status=204)


async def drop(request: web.Request) -> web.Response:
    await request.app[OUTGOING_WAITING].drop(owner_of(request), _number(request))
    return web.Response(status=204)


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    # Longer ones don't fit into a column, and nothing has them.
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise OutgoingNotFound("Nothing of that number could not be sent.")
    return int(text)


def _undelivered(one: Outgoing) -> Undelivered | None:
    thing = one.thing
    match one.kind:
        case "start" | "pause" | "stop":
            # Where somebody was then is of no use to anybody.
            return None
        case kind:
            pass
    is_episode = thing.type == "episode"
    return Undelivered(
        id=one.id,
        kind=kind,
        type=thing.type,
        title_id=thing.id if thing.scheme == "imdb" else f"{thing.scheme}:{thing.id}",
        season=thing.season if is_episode else None,
        episode=thing.number if is_episode else None,
        at=moment_of(one.at),
        reason=one.reason,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=OUTGOING,
        handler=show_outgoing,
        summary="What of the profile is on its way to Trakt, and what Trakt would not take",
        access="account",
        response=OutgoingView,
    ),
    Endpoint(
        method="POST",
        path=f"{OUTGOING}/{{id}}/resend",
        handler=resend,
        summary="Send once more what Trakt would not take",
        access="account",
        status=204,
        errors=(OutgoingNotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{OUTGOING}/{{id}}",
        handler=drop,
        summary="Give up what Trakt would not take",
        access="account",
        status=204,
        errors=(OutgoingNotFound,),
    ),
)
