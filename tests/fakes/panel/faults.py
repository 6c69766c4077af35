"""Every fault of real panels by its name, switched on for an action and for so many answers.

fault = panel.fail("truncated_json", "get_vod_streams", times=1)
panel.fail("null_name", share=0.2)
panel.fail("http_429_after_n_infos", after=20)
panel.heal()
"""

from __future__ import annotations

import asyncio
import itertools
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from libs.common.clock import Clock
from tests.fakes.panel.accounts import REFUSALS
from tests.fakes.panel.answers import HTML, PAGE, Answer, json, plain
from tests.fakes.panel.asking import Asked
from tests.fakes.panel.row_faults import OBJECTS, ROWS
from tests.fakes.panel.rows import Row

INFO_ACTIONS: Final = frozenset({"get_vod_info", "get_series_info"})
PHP_WARNING: Final = (
    b"<br />\n<b>Warning</b>:  mysqli_query(): MySQL server has gone away in "
    b"<b>/home/panel/wwwdir/player_api.php</b> on line <b>241</b><br />\n"
)
ODD_BYTES: Final = 997
"""Chunks of this size end in the middle of tokens and of escapes."""
BANNED: Final = b"Too Many Requests"
PLAYERS: Final = ("VLC/", "IPTVSmarters", "Lavf/", "okhttp/", "Mozilla/")


@dataclass
class Fault:
    """The first `after` answers are well, then every `every`th is not, `times` of them at most.

    `share` of the rows are hit. `reached` is set once somebody is kept waiting, who goes on after `release`.
    `poisoned` bans by empty answers in place of 429; a ban is over `lasts_s` after it began.
    """

    name: str
    action: str = "*"
    times: int | None = None
    after: int = 0
    every: int = 1
    share: float = 0.1
    seed: int = 1
    size_bytes: int = 100_000_000
    keep_bytes: int = 0
    zone: str = "Asia/Kolkata"
    poisoned: bool = False
    lasts_s: float = 300.0
    agents: tuple[str, ...] = PLAYERS
    seen: int = 0
    shown: int = 0
    banned_at: float | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def is_due(self) -> bool:
        """Counts an answer that it could spoil."""
        self.seen += 1
        is_spent = self.times is not None and self.shown >= self.times
        if self.seen <= self.after or is_spent or (self.seen - self.after) % self.every:
            return False
        self.shown += 1
        return True


DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "mass_disappearance": {"share": 0.9},
    "empty_list_intermittent": {"every": 2},
    "expired_mid_sync": {"after": 4},
    "http_429_after_n_infos": {"after": 20},
    "numbers_as_strings": {"share": 1.0},
    "strings_as_numbers": {"share": 1.0},
}


async def _slow(answer: Answer, fault: Fault, _edge: str) -> Answer:
    fault.reached.set()
    await fault.release.wait()
    return answer


async def _redirect(_answer: Answer, _fault: Fault, at_edge: str) -> Answer:
    return plain(b"", 302, location=at_edge)


async def _gzip(answer: Answer, _fault: Fault, _edge: str) -> Answer:
    answer.headers["Content-Encoding"] = "gzip"
    answer.chunks = gzipped(answer.chunks)
    answer.length = None
    return answer


async def _cut(answer: Answer, fault: Fault, _edge: str) -> Answer:
    """Ends as if it were complete."""
    answer.chunks = _beginning(answer.chunks, fault.keep_bytes)
    answer.length = None
    return answer


async def _reset(answer: Answer, fault: Fault, _edge: str) -> Answer:
    answer.chunks = _beginning(answer.chunks, fault.keep_bytes)
    answer.reset = True
    return answer


async def _chunked(answer: Answer, _fault: Fault, _edge: str) -> Answer:
    answer.chunks = _cut_anew(answer.chunks)
    answer.is_chunked, answer.length = True, None
    return answer


async def _with_warning(answer: Answer, _fault: Fault, _edge: str) -> Answer:
    answer.chunks = itertools.chain([PHP_WARNING], answer.chunks)
    answer.content_type, answer.length = HTML, None
    return answer


def _instead(body: bytes, content_type: str = HTML) -> Callable[[Answer, Fault, str], Awaitable[Answer]]:
    async def replaced(_answer: Answer, _fault: Fault, _edge: str) -> Answer:
        return plain(body, content_type=content_type)

    return replaced


TRANSPORT: Final[dict[str, Callable[[Answer, Fault, str], Awaitable[Answer]]]] = {
    "html_200": _instead(PAGE),
    "plain_blocked_200": _instead(b"Blocked"),
    "empty_200": _instead(b""),
    "truncated_json": _cut,
    "slow_first_byte": _slow,
    "chunked": _chunked,
    "gzip": _gzip,
    "redirect_302": _redirect,
    "php_warning_preamble": _with_warning,
    "connection_reset_midway": _reset,
}
"""`json_100MB` is among the faults of lists."""
ACCOUNT: Final = frozenset(
    {
        "auth0_min",
        "auth401",
        "unknown_user_404",
        "http_403_bad_UA",
        "http_429_after_n_infos",
        "expired_mid_sync",
    }
)
ELSEWHERE: Final = frozenset({"tz_not_utc"})
NAMES: Final = frozenset({*TRANSPORT, *ACCOUNT, *ROWS, *OBJECTS, *ELSEWHERE})


class Faults:
    """Those that are on, applied in the order they were switched on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.on: list[Fault] = []

    def add(self, name: str, action: str, **options: Any) -> Fault:
        if name not in NAMES:
            raise ValueError(f"no fault is called {name}")
        fault = Fault(name, action, **(DEFAULTS.get(name, {}) | options))
        self.on.append(fault)
        return fault

    def lift(self, name: str = "") -> None:
        """Off with `name`, or with all of them; who was kept waiting goes on."""
        for fault in [fault for fault in self.on if name in ("", fault.name)]:
            fault.release.set()
            self.on.remove(fault)

    def zone(self, usual: str) -> str:
        return next((fault.zone for fault in self.on if fault.name == "tz_not_utc"), usual)

    def refused(self, asked: Asked) -> Answer | None:
        for fault in self._matching(asked.action, ACCOUNT):
            if answer := self._refusal(fault, asked):
                return answer
        return None

    def is_expired(self, action: str) -> bool:
        """Whether the account has just come to its end."""
        return any(fault.name == "expired_mid_sync" and fault.is_due() for fault in self._matching(action))

    def rows(self, action: str, rows: Iterator[Row]) -> Iterator[Row]:
        for fault in self._matching(action, ROWS):
            if fault.is_due():
                rows = ROWS[fault.name](rows, fault)
        return rows

    def told(self, action: str, answer: Any) -> Any:
        for fault in self._matching(action, OBJECTS):
            if fault.is_due():
                answer = OBJECTS[fault.name](answer, fault)
        return answer

    async def on_the_way(self, asked: Asked, answer: Answer, at_edge: str) -> Answer:
        for fault in self._matching(asked.action, TRANSPORT):
            if asked.is_at_edge and fault.name == "redirect_302":
                continue
            if fault.is_due():
                answer = await TRANSPORT[fault.name](answer, fault, at_edge)
        return answer

    def _matching(self, action: str, among: Any = NAMES) -> list[Fault]:
        return [fault for fault in self.on if fault.name in among and fault.action in ("*", action)]

    def _refusal(self, fault: Fault, asked: Asked) -> Answer | None:
        if fault.name == "http_429_after_n_infos":
            return self._ban(fault, asked)
        if fault.name == "http_403_bad_UA":
            is_known = asked.agent.startswith(fault.agents)
            return plain(PAGE, 403) if not is_known and fault.is_due() else None
        if fault.name in REFUSALS and fault.is_due():
            return REFUSALS[fault.name](None, self._clock.time())
        return None

    def _ban(self, fault: Fault, asked: Asked) -> Answer | None:
        """Beyond so many questions for details the account is refused altogether, for a while."""
        now = self._clock.time()
        if fault.banned_at is not None and now >= fault.banned_at + fault.lasts_s:
            fault.banned_at, fault.seen = None, 0
        if fault.banned_at is None and asked.action in INFO_ACTIONS:
            fault.seen += 1
            if fault.seen > fault.after:
                fault.banned_at = now
        if fault.banned_at is None:
            return None
        fault.shown += 1
        return json([]) if fault.poisoned else plain(BANNED, 429)


def gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def _beginning(chunks: Iterator[bytes], keep_bytes: int) -> Iterator[bytes]:
    """So many bytes, or half of the first chunk."""
    left = keep_bytes
    for chunk in chunks:
        if not keep_bytes:
            yield chunk[: max(1, len(chunk) // 2)]
            return
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return


def _cut_anew(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), ODD_BYTES):
            yield chunk[at : at + ODD_BYTES]
