"""Unpacking a body piece by piece, so that a bomb is noticed before it fills the memory."""

import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

from libs.common.http.errors import BadEncoding, BodyTooLarge

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "zstd, br, gzip, deflate"

_STEP_BYTES = 64 * 1024
_EXPANSION_FREE_BYTES = 1024 * 1024  # small bodies may be as repetitive as they like
_ZSTD_WINDOW_LOG = 23  # RFC 9659: 8 MiB is the largest window a decoder must give to content-coding zstd


class _Coder(Protocol):
    """A streaming decoder. ``pending`` says that output waits which needs no further input."""

    pending: bool
    finished: bool

    def process(self, data: bytes) -> bytes: ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits)
        self._started = False
        self._tail = b""
        self.pending = False
        self.finished = False

    def process(self, data: bytes) -> bytes:
        data = self._tail + data
        if self.finished:
            # RFC 1952, 2.2: a gzip body may have several members. Anything else behind the end is padding.
            if not data.startswith(b"\x1f\x8b"):
                self.pending, self._tail = False, b""
                return b""
            self._inflate, self.finished = zlib.decompressobj(self._wbits), False
        output = self._inflate_some(data)
        self.finished = self._inflate.eof
        self._tail = self._inflate.unused_data if self.finished else self._inflate.unconsumed_tail
        self.pending = bool(self._tail) or (not self.finished and len(output) >= _STEP_BYTES)
        return output

    def _inflate_some(self, data: bytes) -> bytes:
        try:
            output = self._inflate.decompress(data, _STEP_BYTES)
        except zlib.error:
            # Some servers mean raw deflate by "deflate", as browsers have long tolerated.
            if self._started or self._wbits != zlib.MAX_WBITS:
                raise
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            output = self._inflate.decompress(data, _STEP_BYTES)
        self._started = True
        return output


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self.pending = False
        self.finished = False

    def process(self, data: bytes) -> bytes:
        if self.finished:
            return b""
        output: bytes = self._decompressor.process(data, output_buffer_limit=_STEP_BYTES)
        self.finished = bool(self._decompressor.is_finished())
        self.pending = not self.finished and not self._decompressor.can_accept_more_data()
        return output


class _Zstd:
    def __init__(self) -> None:
        self._decompressor = self._new()
        self._tail = b""
        self.pending = False
        self.finished = False

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    def process(self, data: bytes) -> bytes:
        if self._decompressor.eof:
            data, self._tail = self._tail + data, b""
            if not data:
                self.pending = False
                return b""
            self._decompressor = self._new()  # RFC 8878, 3: frames may follow each other
        output = self._decompressor.decompress(data, _STEP_BYTES)
        self.finished = self._decompressor.eof
        self._tail = self._decompressor.unused_data if self.finished else b""
        self.pending = bool(self._tail) if self.finished else not self._decompressor.needs_input
        return output


def _make_coder(coding: str) -> _Coder | None:
    match coding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case _:
            raise BadEncoding("The server's answer is packed in a way the hub doesn't know.")


class BodyDecoder:
    """Turns received pieces into body pieces of bounded size.

    Raises BodyTooLarge as soon as the pieces together pass ``max_bytes``, packed or unpacked, or unpack to
    more than ``max_expansion`` times what was received; BadEncoding when they don't unpack or end too early.
    """

    def __init__(self, coding: str, *, max_bytes: int, max_expansion: int) -> None:
        self._coder = _make_coder(coding)
        self._max_bytes = max_bytes
        self._max_expansion = max_expansion
        self._received = 0
        self._produced = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._received += len(data)
        if self._received > self._max_bytes:
            raise BodyTooLarge(_too_large(self._max_bytes))
        if self._coder is None:
            yield data
            return
        piece = self._process(self._coder, data)
        while piece or self._coder.pending:
            yield piece
            piece = self._process(self._coder, b"")

    def finish(self) -> None:
        """To be called at the end of the body: one cut short inside its packing is not whole."""
        if self._coder is not None and self._received and not self._coder.finished:
            raise BadEncoding("The server's answer is packed wrongly: it ends too early.")

    def _process(self, coder: _Coder, data: bytes) -> bytes:
        try:
            piece = coder.process(data)
        except (zlib.error, brotli.error, zstd.ZstdError):
            raise BadEncoding("The server's answer is packed wrongly.") from None
        self._produced += len(piece)
        bomb = self._produced > max(_EXPANSION_FREE_BYTES, self._received * self._max_expansion)
        if self._produced > self._max_bytes or bomb:
            raise BodyTooLarge(_too_large(self._max_bytes))
        return piece


def _too_large(max_bytes: int) -> str:
    return f"The server's answer is larger than the {max(1, max_bytes // 1_000_000)} MB allowed."
