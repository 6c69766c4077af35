"""What a browser says of itself in a cookie: sources come in an order that suits it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

COOKIE: Final = "headgate_player"
_SAID: Final = re.compile(r"((?:[a-z0-9]{1,8}\.){0,15}[a-z0-9]{1,8})~([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class PlayerSaid:
    """Codecs by ffmpeg's names; 0 bits in a second where the line was never measured."""

    codecs: tuple[str, ...] = ()
    bandwidth_bps: int = 0


def read_player(cookie: str) -> PlayerSaid:
    """Anybody may write a cookie: whatever is in no such form says nothing."""
    found = _SAID.fullmatch(cookie)
    return PlayerSaid(tuple(found[1].split(".")), int(found[2])) if found else PlayerSaid()
