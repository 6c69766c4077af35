"""UTF-8 of whatever a guide is written in.

Bytes are UTF-8 for as long as they are, whatever is declared: panels declare by habit. Of the first ones that
aren't

- a file that declares another encoding is read as that one, from there to its end;
- a file that declares UTF-8, nothing, or what nobody knows, has pieces of several makers: every run of bytes
  beyond ASCII speaks for itself. Where it holds UTF-8, what is broken in it is a replacement character, as
  where a text was cut by its bytes; else it is Windows-1252.

UTF-16 is known by its first bytes.
"""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_UTF_8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ASCII = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_UTF_16 = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


class Recoder:
    """Takes pieces that part no character; `declared` is in the first."""

    def __init__(self, head: bytes) -> None:
        found = _DECLARED.match(head)
        self._declared = _other_than_utf_8(found[1].decode().lower()) if found else None
        self._believed = False

    def utf_8(self, piece: bytes) -> bytes:
        if piece.isascii():
            return piece
        if self._believed:
            return self._as_declared(piece)
        try:
            piece.decode()
        except UnicodeDecodeError as error:
            if self._declared is None:
                return _BEYOND_ASCII.sub(_each_run, piece)
            self._believed = True
            cut = error.start
            while cut and piece[cut - 1] >= 0x80:
                cut -= 1
            return piece[:cut] + self._as_declared(piece[cut:])
        return piece

    def _as_declared(self, piece: bytes) -> bytes:
        return piece.decode(self._declared or "cp1252", "replace").encode()


def utf_16_decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    """One for a file that begins like this, if it is UTF-16."""
    name = _UTF_16.get(head[:2])
    return codecs.getincrementaldecoder(name)("replace") if name else None


def _other_than_utf_8(name: str) -> str | None:
    """None for what isn't known, and for what can't be declared: where ASCII means something else."""
    # What says Latin-1 is nearly always Windows-1252, and its other characters are none in XML.
    known = "cp1252" if name in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"} else name
    if "escape" in known:  # Python's own, which no file is written in
        return None
    try:
        same = _ASCII.decode(known) == _ASCII.decode("ascii")
        return known if same and codecs.lookup(known).name != "utf-8" else None
    except (LookupError, UnicodeError):
        return None


def _each_run(found: re.Match[bytes]) -> bytes:
    run = found[0]
    holds_utf_8 = _UTF_8_CHARACTER.search(run) is not None
    return run.decode("utf-8" if holds_utf_8 else "cp1252", "replace").encode()
