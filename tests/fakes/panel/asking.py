"""What a request asks for, whichever of a panel's many addresses it came by."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from tests.fakes.panel import streams
from tests.fakes.panel.rows import Kind

LISTS: dict[str, Kind] = {"get_live_streams": "live", "get_vod_streams": "vod", "get_series": "series"}
CATEGORIES: dict[str, Kind] = {
    "get_live_categories": "live",
    "get_vod_categories": "vod",
    "get_series_categories": "series",
}
TOLD = frozenset({"get_vod_info", "get_series_info", "get_short_epg", "get_simple_data_table", "get_epg"})
ACCOUNT_INFO = "account_info"
"""How no action, an unknown one and its two names are counted; streams are "stream", files by their name."""
ACTIONS = frozenset({*LISTS, *CATEGORIES, *TOLD})
FILES = frozenset({"get.php", "xmltv.php", "panel_api.php"})
STREAM = "stream"


@dataclass(frozen=True)
class Asked:
    """A request as it came, without the credentials."""

    action: str
    method: str
    path: str
    params: dict[str, str]
    username: str
    agent: str
    is_at_edge: bool = False


def understood(
    parts: list[str], params: dict[str, str], request: web.Request
) -> tuple[Asked, str, streams.StreamPath | None]:
    """What is asked, by which password, and the stream's address if it is one."""
    stream = None
    match parts:
        case ["player_api", username, password, *action]:
            params |= {"username": username, "password": password}
            params |= {"action": action[0]} if action and action[0] else {}
            name = _action(params)
        case ["player_api.php"]:
            name = _action(params)
        case [name] if name in FILES:
            pass
        case _:
            name = STREAM
            stream = streams.parsed(parts, params)
            if stream is not None:
                params |= {"username": stream.username, "password": stream.password}
    username, password = params.pop("username", ""), params.pop("password", "")
    path = "/".join(part for part in parts if part not in (username, password))
    agent = request.headers.get("User-Agent", "")
    return Asked(name, request.method, path, params, username, agent), password, stream


def _action(params: dict[str, str]) -> str:
    """Panels take what they don't know for a question about the account."""
    name = params.pop("action", "")
    return name if name in ACTIONS else ACCOUNT_INFO


def number(params: dict[str, str], name: str) -> int:
    value = params.get(name, "")
    return int(value) if value.isdigit() else 0
