"""Who may ask, what a panel tells of them, and the forms in which panels refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.fakes.clock import START
from tests.fakes.panel.answers import HTML, PAGE, Answer, json, plain
from tests.fakes.panel.rows import Row

YEAR_S: Final = 365 * 86_400


@dataclass
class Account:
    """`expires_at` None: never. `formats` are what live streams may be asked in."""

    username: str = "u1"
    password: str = "p1"
    status: str = "Active"
    expires_at: int | None = int(START) + YEAR_S
    max_connections: int = 2
    formats: tuple[str, ...] = ("m3u8", "ts", "rtmp")
    created_at: int = int(START) - YEAR_S
    message: str = ""

    def status_at(self, now: float) -> str:
        is_over = self.expires_at is not None and self.expires_at <= now
        return "Expired" if self.status == "Active" and is_over else self.status

    def told(self, now: float, open_streams: int) -> Row:
        """As `user_info`: all numbers but `auth` are text."""
        status = self.status_at(now)
        return {
            "username": self.username,
            "password": self.password,
            "message": self.message,
            "auth": int(status == "Active"),
            "status": status,
            "exp_date": None if self.expires_at is None else str(self.expires_at),
            "is_trial": "0",
            "active_cons": str(open_streams),
            "created_at": str(self.created_at),
            "max_connections": str(self.max_connections),
            "allowed_output_formats": list(self.formats),
        }


def _with_status(account: Account | None, now: float) -> Answer:
    if account is None:
        return _least(account, now)
    told = account.told(now, 0) | {"message": account.message or f"Your account is {account.status_at(now)}."}
    return json({"user_info": told})


def _least(_account: Account | None, _now: float) -> Answer:
    return json({"user_info": {"auth": 0}})


REFUSALS: Final[dict[str, Callable[[Account | None, float], Answer]]] = {
    "auth0_min": _least,
    "auth0_status": _with_status,
    "auth401": lambda *_: json({"error": "Unauthorized"}, 401),
    "unknown_user_404": lambda *_: json({"error": "Not Found"}, 404),
    "http_403": lambda *_: plain(PAGE, 403),
    "http_403_empty": lambda *_: plain(b"", 403),
    "plain_blocked_200": lambda *_: plain(b"Blocked", content_type=HTML),
    "html_200": lambda *_: plain(PAGE),
    "empty_list": lambda *_: json([]),
}
"""What wrong credentials and accounts that are over get, by the panel's manner."""
