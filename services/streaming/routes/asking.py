"""Who asks, and of what."""

from __future__ import annotations

from aiohttp import web

from libs.common.errors import Unauthenticated
from libs.common.web import identity_of
from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import ResourcePath, parse_resource_path
from services.streaming.errors import VideoNotFound
from services.streaming.viewing.reading import check_id
from services.streaming.viewing_model import Owner


def owner_of(request: web.Request) -> Owner:
    identity = identity_of(request)
    if identity.is_anonymous:
        raise Unauthenticated("This call has to be made for an account.")
    return Owner(identity.account_id, identity.profile_id)


def id_of(request: web.Request, name: str = "id") -> str:
    """From the path. Raises VideoNotFound for what can be no id."""
    id_ = request.match_info[name]
    check_id(id_)
    return id_


def video_of(request: web.Request, prefix: str, *, resource: str) -> ResourcePath:
    """Of an address that ends in type and id. Raises VideoNotFound."""
    return _parse(f"{resource}/{_tail(request, f'{prefix}/')}.json")


def resource_of(request: web.Request, prefix: str) -> ResourcePath:
    """Of an address that ends as addons' do. Raises VideoNotFound."""
    return _parse(_tail(request, prefix))


def _parse(path: str) -> ResourcePath:
    try:
        return parse_resource_path(path)
    except InvalidPath as error:
        raise VideoNotFound(str(error)) from error


def _tail(request: web.Request, prefix: str) -> str:
    """From the raw path: once decoded, an id with a slash can't be told from two parts."""
    return request.raw_path.partition("?")[0].removeprefix(prefix)
