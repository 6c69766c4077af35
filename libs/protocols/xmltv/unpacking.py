"""The bytes of a guide as they were before they were packed, if they were."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from libs.protocols.xmltv.errors import Damaged

STEP_BYTES = 64 * 1024
"""What a batch of rows is made of: whoever takes one on a loop holds it up for about a millisecond."""
_GZIP = b"\x1f\x8b"


class Unpacker:
    """gzip by its magic, several members included, else the bytes as they are; in steps of one size.

    Steps of one size are the same ones however the bytes came.
    """

    def __init__(self) -> None:
        self._held = b""
        self._begun = False
        self._inflate: zlib._Decompress | None = None
        self._plain = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if not self._begun:
            self._held += piece
            if len(self._held) < len(_GZIP):
                return
            piece, self._held, self._begun = self._held, b"", True
            if piece.startswith(_GZIP):
                self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        if self._inflate is None:
            yield from self._steps(piece)
            return
        while piece:
            try:
                piece, plain = self._unpacked(self._inflate, piece)
            except zlib.error:
                yield bytes(self._plain)
                raise Damaged("The guide is damaged: it can't be unpacked.") from None
            yield from self._steps(plain)

    def finish(self) -> Iterator[bytes]:
        """What was held back; a packed file that isn't whole ends like one cut before it was packed."""
        self._plain += self._held
        if self._inflate is not None and not self._inflate.eof:
            yield from self._steps(self._inflate.flush())
        if self._plain:
            yield bytes(self._plain)
            self._plain.clear()

    def _unpacked(self, inflate: zlib._Decompress, piece: bytes) -> tuple[bytes, bytes]:
        if inflate.eof:
            piece = piece.lstrip(b"\0")
            if not piece.startswith(_GZIP[: len(piece)]):  # what servers append is not the guide's
                return b"", b""
            self._inflate = inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        plain = inflate.decompress(piece, STEP_BYTES)
        return (inflate.unused_data if inflate.eof else inflate.unconsumed_tail), plain

    def _steps(self, plain: bytes) -> Iterator[bytes]:
        self._plain += plain
        at = 0
        while len(self._plain) - at >= STEP_BYTES:
            yield bytes(self._plain[at : at + STEP_BYTES])
            at += STEP_BYTES
        del self._plain[:at]
