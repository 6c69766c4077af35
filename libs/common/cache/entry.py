"""What the cache holds, for how long, and the envelope it travels in: bytes and plain facts, no pickles."""

from __future__ import annotations

import hashlib
import struct
import sys
from collections.abc import Mapping
from typing import Literal

import msgspec

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENVELOPE = 1  # first byte of the envelope; another number is another format, hence a miss
COMPRESS_FROM = 1024  # bytes; below, the frame costs more than it saves
LEVEL = 3  # zstd's own default: about 300 MB/s
_HEAD = struct.Struct(">BI")

State = Literal["hit", "miss", "stale", "bypass"]
Tier = Literal["memory", "redis", "source"]


class EnvelopeBroken(ValueError):
    """These bytes are not an envelope this version reads."""


class Lives(msgspec.Struct, frozen=True):
    """How long an answer is good. `stale_s` and `error_s` both count from the end of `fresh_s`.

    While stale it is served at once and refreshed behind the caller's back; in the error time it is served
    only when loading a new one failed.
    """

    fresh_s: float
    stale_s: float = 0.0
    error_s: float = 0.0


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One stored answer. Times are seconds since 1970; `etag` is strong and already quoted.

    `stamp` is the moment its load began, in the order shared by all replicas: an entry is void when one of
    its tags was invalidated after it, and a newer stamp is never overwritten by an older one.
    """

    value: bytes
    stored_at: float
    fresh_until: float
    stale_until: float
    error_until: float
    tags: tuple[str, ...] = ()
    etag: str = ""
    info: Mapping[str, str] = {}
    stamp: int = 0

    @property
    def dead_at(self) -> float:
        return max(self.fresh_until, self.stale_until, self.error_until)


class Loaded(msgspec.Struct, frozen=True):
    """What a loader gives back. With `store=False` the waiters get it and nobody after them.

    With `spread` the fresh time is shortened at random, so that entries loaded together don't end together;
    without it, it is kept to the letter, as for lives that another cache has spread already.
    """

    value: bytes
    lives: Lives
    tags: tuple[str, ...] = ()
    info: Mapping[str, str] = {}
    store: bool = True
    spread: bool = True


class Lookup(msgspec.Struct, frozen=True):
    """An answer and where it came from; `bypass` is a loaded answer that was not to be stored."""

    entry: Entry
    state: State
    tier: Tier = "memory"


class _Header(msgspec.Struct, frozen=True, array_like=True):
    stored_at: float
    fresh_until: float
    stale_until: float
    error_until: float
    tags: tuple[str, ...]
    etag: str
    info: dict[str, str]
    stamp: int
    size: int
    packed: bool


_header_decoder = msgspec.msgpack.Decoder(_Header)


def make_entry(loaded: Loaded, *, now: float, stamp: int, share: float = 1.0) -> Entry:
    """The entry of a fresh answer. `share` (0..1] shortens its fresh time, so that many don't end at once.

    Shortened, never stretched: the upstream's word on freshness is a promise to keep.
    """
    fresh_until = now + loaded.lives.fresh_s * share
    digest = hashlib.blake2b(loaded.value, digest_size=16).hexdigest()
    return Entry(
        value=loaded.value,
        stored_at=now,
        fresh_until=fresh_until,
        stale_until=fresh_until + loaded.lives.stale_s,
        error_until=fresh_until + loaded.lives.error_s,
        tags=loaded.tags,
        etag=f'"{digest}"',
        info=loaded.info,
        stamp=stamp,
    )


def encode(entry: Entry) -> bytes:
    """The entry as bytes: a format byte, the header's length, the header in msgpack, the body."""
    packed = len(entry.value) >= COMPRESS_FROM
    header = _Header(
        entry.stored_at,
        entry.fresh_until,
        entry.stale_until,
        entry.error_until,
        entry.tags,
        entry.etag,
        dict(entry.info),
        entry.stamp,
        len(entry.value),
        packed,
    )
    head = msgspec.msgpack.encode(header)
    body = zstd.compress(entry.value, LEVEL) if packed else entry.value
    return _HEAD.pack(ENVELOPE, len(head)) + head + body


def decode(envelope: bytes) -> Entry:
    """The entry of an envelope; raises EnvelopeBroken for anything else, however damaged."""
    try:
        version, length = _HEAD.unpack_from(envelope)
        if version != ENVELOPE:
            raise EnvelopeBroken(f"format {version}")
        header = _header_decoder.decode(envelope[_HEAD.size : _HEAD.size + length])
        body = envelope[_HEAD.size + length :]
        # One byte more than announced is enough to see that the body lies about its size.
        value = zstd.ZstdDecompressor().decompress(body, header.size + 1) if header.packed else body
    except (struct.error, msgspec.MsgspecError, zstd.ZstdError) as error:
        raise EnvelopeBroken(type(error).__name__) from error
    if len(value) != header.size:
        raise EnvelopeBroken("wrong length")
    return Entry(
        value=value,
        stored_at=header.stored_at,
        fresh_until=header.fresh_until,
        stale_until=header.stale_until,
        error_until=header.error_until,
        tags=header.tags,
        etag=header.etag,
        info=header.info,
        stamp=header.stamp,
    )
