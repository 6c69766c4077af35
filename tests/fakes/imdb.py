"""IMDb's data sets as its server hands them out: generated rows, gzip, ETag, and misbehaviour on demand."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType

from aiohttp import web

from libs.common.serve import Running, start_site
from libs.protocols.imdb.rows import DATA_SETS, SetName

FILES = {data_set.file: name for name, data_set in DATA_SETS.items()}
PAGE = b"<!DOCTYPE html><html><body>Down for maintenance</body></html>"


def tsv(name: SetName, rows: Iterable[Sequence[object]]) -> bytes:
    """A whole file, unpacked: the header, then `rows`, None as IMDb writes it."""
    lines = ["\t".join(DATA_SETS[name].header)]
    lines += ["\t".join("\\N" if value is None else str(value) for value in row) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def packed(name: SetName, rows: Iterable[Sequence[object]]) -> bytes:
    return gzip.compress(tsv(name, rows), compresslevel=1, mtime=0)


RATINGS = [("tt0000010", "8.7", 9000), ("tt0000020", "7.4", 1200), ("tt0000021", "9.1", 300)]
RATINGS += [("tt0000022", "6.0", 40), ("tt10000000", "5.5", 11)]
EPISODES = [
    ("tt0000021", "tt0000020", 1, 1),
    ("tt0000022", "tt0000020", 1, 2),
    ("tt0000023", "tt0000020", 1, 3),
    ("tt0000024", "tt0000020", None, None),
]
TITLES = [
    ("tt0000010", "movie", 'The "Signal"', "Das Signal", 0, 1927, None, 94, "Drama,Mystery"),
    ("tt0000020", "tvSeries", "The Line", "The Line", 0, 2001, 2004, None, "Drama"),
    ("tt0000021", "tvEpisode", "Pilot", "Pilot", 0, 2001, None, 44, None),
    ("tt10000000", "movie", "Neu", "Neu", 0, None, None, None, None),
]
AKAS = [
    ("tt0000010", 1, "Das Signal", "DE", "de", "imdbDisplay", None, 0),
    ("tt0000010", 2, "The Signal", None, None, "original", None, 1),
    ("tt0000021", 1, "Folge 1", "DE", "de", None, None, 0),
]
MANY = [(f"tt{number:07d}", "5.0", number) for number in range(1, 30_001)]
_WHOLE = packed("ratings", MANY)
BROKEN: dict[str, tuple[bytes, str]] = {
    "cut": (_WHOLE[:-5000], "cut short"),
    "damaged": (_WHOLE[:-6] + b"xxxxxx", "damaged"),
    "damaged inside": (
        _WHOLE[:50_000] + b"\xff" * 500 + _WHOLE[50_500:],
        "damaged",
    ),
    "page": (PAGE, "a web page instead of a gzip file"),
    "packed page": (gzip.compress(PAGE), "columns have changed"),
    "nothing": (b"", "empty"),
    "header": (
        gzip.compress(tsv("ratings", RATINGS).replace(b"numVotes", b"votes")),
        "columns have changed: without numVotes and with votes",
    ),
    "no rows": (packed("ratings", []), "no rows"),
    "only nonsense": (packed("ratings", [("tt0000001", "NaN", 5)] * 3), "Not one row"),
    "twice": (packed("ratings", [*RATINGS, RATINGS[0]]), "twice"),
    "half gone": (packed("ratings", RATINGS[:2]), "would remove 3 of 5 rows"),
}
"""Files of ratings that are none, and what is said of each where RATINGS were before."""


@dataclass
class FakeImdb:
    """`files` by set name, packed; a test may put anything there. Counts what was asked.

    `statuses` overrides the answer of a set by its status; `cut` ends the connection after that many bytes;
    those that `stalls` send half of the file, and the rest after `go_on()`; those in `replaced` send half of
    it, and then what that file holds from there on, as a mirror does that is written to meanwhile.
    """

    files: dict[SetName, bytes] = field(
        default_factory=lambda: {
            "ratings": packed("ratings", RATINGS),
            "episodes": packed("episodes", EPISODES),
            "titles": packed("titles", TITLES),
            "akas": packed("akas", AKAS),
        }
    )
    statuses: dict[SetName, int] = field(default_factory=dict)
    cut: dict[SetName, int] = field(default_factory=dict)
    stalls: set[SetName] = field(default_factory=set)
    replaced: dict[SetName, bytes] = field(default_factory=dict)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    tells_etag: bool = True
    asked: list[tuple[SetName, int]] = field(default_factory=list)
    _running: Running | None = None
    _unstalled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        assert self._running is not None
        return f"http://127.0.0.1:{self._running.port}"

    def etag(self, name: SetName) -> str:
        return f'"{sha256(self.files[name]).hexdigest()[:16]}"'

    def bytes_sent(self, name: SetName) -> int:
        """How many of its answers had a body."""
        return sum(status == 200 for asked, status in self.asked if asked == name)

    def go_on(self) -> None:
        """Send the rest of what stalls, also to whoever asked already; nothing stalls from here on."""
        self.stalls.clear()
        self._unstalled.set()

    async def __aenter__(self) -> FakeImdb:
        app = web.Application()
        app.router.add_get("/{file}", self._answer)
        self._running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_on()
        if self._running is not None:
            await self._running.aclose()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = FILES.get(request.match_info["file"])
        if name is None:
            return web.Response(status=404)
        status = self.statuses.get(name, 200)
        if status == 200 and self.tells_etag and request.headers.get("If-None-Match") == self.etag(name):
            status = 304
        self.asked.append((name, status))
        if status != 200:
            return web.Response(status=status)
        headers = {"Content-Type": "binary/octet-stream"}
        if self.tells_etag:
            headers["ETag"] = self.etag(name)
        body = self.files[name]
        if name in self.replaced:
            body = body[: len(body) // 2] + self.replaced[name][len(body) // 2 :]
        if name not in self.cut and name not in self.stalls:
            return web.Response(body=body, headers=headers)
        response = web.StreamResponse(headers=headers)
        response.content_length = len(body)
        await response.prepare(request)
        sent = self.cut.get(name, len(body) // 2)
        await response.write(body[:sent])
        if name in self.stalls:
            self.stalled.set()
            await self._unstalled.wait()
            await response.write(body[sent:])
        elif request.transport is not None:
            request.transport.close()
        return response
