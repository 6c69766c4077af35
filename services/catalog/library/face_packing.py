"""Pieces of an answer that are packed once and sent to many: joined, they are one gzip stream.

Each piece is deflated by itself and ends at a byte, so that pieces follow each other in any order (RFC 1951).
Members of gzip, which may follow each other too, are no help: what most Android players read with stops after
the first. What only gzip's end needs, the checksum of everything, is put together from those of the pieces.
"""

from __future__ import annotations

import functools
import zlib
from typing import Final

import msgspec

LEVEL: Final = 1
"""Lists repeat themselves: higher levels take three times as long for a fifth less."""

_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK: Final = b"\x03\x00"
_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 1 << 31


class Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`body` is raw deflate without a last block; `crc` and `size` are of what is in it."""

    body: bytes
    crc: int
    size: int


def packed(raw: bytes) -> Packed:
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Packed(deflate.compress(raw) + deflate.flush(zlib.Z_FULL_FLUSH), zlib.crc32(raw), len(raw))


def unpacked(piece: Packed) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(piece.body, piece.size + 1)


class GzipJoin:
    """One gzip stream of many pieces."""

    def __init__(self) -> None:
        self._crc = 0
        self._size = 0

    def head(self) -> bytes:
        return _HEAD

    def add(self, piece: Packed) -> bytes:
        self._crc = _joined(self._crc, piece.crc, piece.size)
        self._size += piece.size
        return piece.body

    def end(self) -> bytes:
        size = self._size & 0xFFFFFFFF
        return _LAST_BLOCK + self._crc.to_bytes(4, "little") + size.to_bytes(4, "little")


def _joined(first: int, second: int, size: int) -> int:
    """The CRC-32 of two texts after each other, the second `size` bytes long: as zlib's crc32_combine."""
    return _times(_bytes_on(size), first) ^ second


def _times(one: int, other: int) -> int:
    """The product of two polynomials over GF(2), modulo that of CRC-32, bits turned round."""
    product, bit = 0, _ONE
    while bit:
        if one & bit:
            product ^= other
        bit >>= 1
        other = (other >> 1) ^ _POLYNOMIAL if other & 1 else other >> 1
    return product


@functools.lru_cache(maxsize=4096)
def _bytes_on(size: int) -> int:
    """x to the power of eight times `size`."""
    power, square = _ONE, _ONE >> 8
    while size:
        if size & 1:
            power = _times(square, power)
        square = _times(square, square)
        size >>= 1
    return power
