"""What a player learns when it signs in. The hub speaks of its own account: no provider's is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from yarl import URL

from libs.common.contracts.players import Player
from services.catalog.library_model import Provider

LEAST_CONNECTIONS: Final = 1
"""Of an account that doesn't say how many it allows: most allow one."""
ZONE: Final = "UTC"
NEVER: Final = "2145916800"
"""The login ends when it is replaced. Panels say null then, at which some apps fail: this is 2038."""


class FaceUser(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    password: str
    message: str = ""
    auth: int = 1
    status: str = "Active"
    exp_date: str = NEVER
    is_trial: str = "0"
    active_cons: str
    created_at: str
    max_connections: str
    allowed_output_formats: Sequence[str] = ("m3u8", "ts")


class FaceServer(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    port: str
    https_port: str
    server_protocol: str
    rtmp_port: str
    timezone: str = ZONE
    timestamp_now: int
    time_now: str
    process: bool = True


class FaceAccount(msgspec.Struct, frozen=True, kw_only=True):
    user_info: FaceUser
    server_info: FaceServer


def account(player: Player, providers: Sequence[Provider], *, playing: int, now: int) -> FaceAccount:
    """`playing` is how many connections the profile holds, `now` in epoch seconds."""
    allowed = sum(one.max_connections or LEAST_CONNECTIONS for one in providers)
    since = min((one.created_at // 1000 for one in providers), default=now)
    return FaceAccount(
        user_info=FaceUser(
            username=player.username,
            password=player.password,
            active_cons=str(playing),
            created_at=str(since),
            max_connections=str(max(allowed, 1)),
        ),
        server_info=_server(player.base, now),
    )


def _server(base: str, now: int) -> FaceServer:
    url = URL(base)
    port = str(url.port or "")
    return FaceServer(
        url=url.host or "",
        port=port,
        https_port=port if url.scheme == "https" else "443",
        server_protocol=url.scheme,
        rtmp_port=port,
        timestamp_now=now,
        time_now=time_text(now),
    )


def time_text(at: int) -> str:
    """In the zone that the account tells."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
