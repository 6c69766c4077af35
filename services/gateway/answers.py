"""A stored answer made ready to send: headers built once a second, encodings made once an entry."""

import asyncio
import gzip
import sys
from collections import OrderedDict

import brotli
from multidict import CIMultiDict

from libs.common.cache import Entry
from libs.common.tasks import Tasks
from services.gateway.model import EXPOSED, IDENTITY
from services.gateway.plays import has_plays
from services.gateway.responses import AGE_S, STALE_S
from services.gateway.stored import head_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KEPT_INSIDE = frozenset({"hit", "stale"})
"""What an inner service says of an answer that it had."""
MIN_CODED_BYTES = 512
"""Below this an encoding saves less than its header costs."""
SHARED_S = 5
SHARED_STALE_S = 30
"""A CDN or nginx isn't told that an address was replaced or an addon added: both bound for how long it shows
what it has kept."""
INLINE_CODED_BYTES = 64 * 1024
"""A body this size is encoded in about 0.2 ms at these levels; larger ones leave the loop."""


def encode(body: bytes, coding: str) -> bytes:
    """Levels measured on catalog JSON: the next ones up cost far more than they save."""
    if coding == "zstd":
        return zstd.compress(body, level=3)
    if coding == "br":
        coded: bytes = brotli.compress(body, quality=4)
        return coded
    return gzip.compress(body, compresslevel=6, mtime=0)


class Answer:
    """One cache entry as this process sends it."""

    __slots__ = (
        "_coded",
        "_heads",
        "_making",
        "_second",
        "_stale_s",
        "counted_bytes",
        "entry",
        "etag",
        "has_plays",
        "is_worth_coding",
        "status",
    )

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.status = int(entry.info.get("status", "200"))
        # One weak tag for all encodings of the same content (RFC 9110, 8.8.1).
        self.etag = 'W/"' + entry.etag.removeprefix("W/").strip('"') + '"'
        self._coded: dict[str, bytes] = {IDENTITY: entry.value}
        self._making: dict[str, asyncio.Task[bytes]] = {}
        self._heads: dict[tuple[str, str], bytes] = {}
        self._second = 0
        self._stale_s = int(entry.info.get(STALE_S, "0"))
        self.counted_bytes = 0
        self.has_plays = has_plays(entry.value)
        self.is_worth_coding = len(entry.value) >= MIN_CODED_BYTES

    def coded(self, coding: str) -> bytes | None:
        """The body as it is sent, if it has been encoded."""
        return self._coded.get(coding)

    async def encode(self, coding: str, tasks: Tasks) -> None:
        """Make the body in `coding`, once however many wait; a large one off the loop."""
        if coding in self._coded:
            return
        if len(self.entry.value) <= INLINE_CODED_BYTES:
            self._coded[coding] = encode(self.entry.value, coding)
            return
        making = self._making.get(coding)
        if making is None:
            making = tasks.spawn("encode_answer", asyncio.to_thread(encode, self.entry.value, coding))
            self._making[coding] = making
        self._coded[coding] = await asyncio.shield(making)
        self._making.pop(coding, None)

    def headers(self, coding: str, state: str, now: float) -> CIMultiDict[str]:
        """`state` is hit, miss, stale or bypass."""
        return self._build(coding, state, int(now))

    def head(self, coding: str, state: str, now: float) -> bytes:
        """The same headers as they are sent, kept until the second is over."""
        second = int(now)
        if second != self._second:
            self._second = second
            self._heads = {}
        made = self._heads.get((coding, state))
        if made is None:
            headers = self._build(coding, state, second)
            made = self._heads[coding, state] = head_of(self.status, headers, second=second)
        return made

    @property
    def held_bytes(self) -> int:
        """The body and its encodings: as long as this object lives, the entry does too."""
        return sum(map(len, self._coded.values()))

    def _build(self, coding: str, state: str, second: int) -> CIMultiDict[str]:
        info = self.entry.info
        partial = info.get("partial", "")
        headers = CIMultiDict(
            {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": EXPOSED,
                "Content-Type": info.get("content_type", "application/json"),
                **self._lives(state, second),
                "Vary": "Accept-Encoding",
                "X-Headgate-Cache": self.shown_state(state),
                "Cache-Status": self._cache_status(state, second),
                "Content-Length": str(len(self._coded[coding])),
            }
        )
        if self.status == 200:
            headers["ETag"] = self.etag
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
        if partial:
            headers["X-Headgate-Partial"] = partial
        return headers

    def shown_state(self, state: str) -> str:
        """What the client is told: as `state`, or what the inner service said of an answer just asked for."""
        info = self.entry.info
        if info.get("partial"):
            return "partial"
        return info["inner"] if state == "miss" and info.get("inner") in KEPT_INSIDE else state

    def _lives(self, state: str, second: int) -> dict[str, str]:
        """What is left of the stated lives, never more: a client's copy must not outlive ours.

        max-age and s-maxage count from when the answer was made (RFC 9111), so its Age is in them. nginx
        knows no Age and is told by a header of its own, which it passes on to nobody.
        """
        if state == "bypass":
            return {"Cache-Control": "no-store"}
        entry = self.entry
        age = max(0, int(second - entry.stored_at)) + int(entry.info.get(AGE_S, "0"))
        left = max(0, int(entry.fresh_until - second))
        shared = min(left, SHARED_S)
        parts = ["public", f"max-age={age + left}", f"s-maxage={age + shared}"]
        fresh_end = max(entry.fresh_until, float(second))
        stale_until = entry.fresh_until + self._stale_s
        if stale_until > fresh_end:
            parts.append(f"stale-while-revalidate={min(int(stale_until - fresh_end), SHARED_STALE_S)}")
        if entry.error_until > fresh_end:
            parts.append(f"stale-if-error={int(entry.error_until - fresh_end)}")
        return {"Cache-Control": ", ".join(parts), "Age": str(age), "X-Accel-Expires": str(shared)}

    def _cache_status(self, state: str, second: int) -> str:
        """RFC 9211: the cache nearest to the source first."""
        if state == "bypass":
            return "Headgate; fwd=bypass"
        ttl = f"ttl={int(self.entry.fresh_until - second)}"
        if state != "miss":
            return f"Headgate; hit; {ttl}"
        inside = "Headgate-inside; hit, " if self.entry.info.get("inner") in KEPT_INSIDE else ""
        return f"{inside}Headgate; fwd=uri-miss; stored; {ttl}"


class Answers:
    """Answers by cache key, bounded in number and in bytes. First in, first out.

    Entries count in full: the cache may have let go of one long before, and only this still holds it.
    """

    def __init__(self, *, max_bytes: int, max_entries: int = 4096) -> None:
        self.bytes = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._max_entries = max_entries
        self._max_bytes = max_bytes

    def of(self, key: str, entry: Entry) -> Answer:
        """The same object while the entry is the same, so encodings and headers are reused."""
        answer = self._answers.get(key)
        if answer is None or answer.entry is not entry:
            self._drop(self._answers.pop(key, None))
            answer = self._answers[key] = Answer(entry)
            self._count(answer)
        return answer

    async def encode(self, key: str, answer: Answer, coding: str, tasks: Tasks) -> None:
        """Make the body in this coding; the oldest answers give way when all together are too much."""
        await answer.encode(coding, tasks)
        if self._answers.get(key) is answer:
            self._count(answer)

    def _count(self, answer: Answer) -> None:
        self.bytes += answer.held_bytes - answer.counted_bytes
        answer.counted_bytes = answer.held_bytes
        while self.bytes > self._max_bytes or len(self._answers) > self._max_entries:
            self._drop(self._answers.popitem(last=False)[1])

    def _drop(self, answer: Answer | None) -> None:
        if answer is not None:
            self.bytes -= answer.counted_bytes
