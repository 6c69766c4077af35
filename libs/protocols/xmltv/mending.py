"""What a parser of XML takes, made of what is sent as XML.

Outside of CDATA no reference is left but those to characters and XML's own five: HTML's names become their
characters and any other stays as the text it looks like. So nothing that a DTD defines is ever expanded.
"""

from __future__ import annotations

import re
from html.entities import html5

from libs.protocols.xmltv.encoding import Recoder, utf_16_decoder
from libs.protocols.xmltv.errors import Damaged, Empty, NotAGuide

HEAD_BYTES = 64 * 1024
"""In so many bytes a guide has begun."""
LONGEST_WORD = 1024 * 1024
"""A megabyte without a space or the end of a tag is no guide."""

_BEGINS = re.compile(rb"<\?xml\s|<!DOCTYPE\s+tv\b|<tv[\s/>]", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml\s[^>]*>")
_FORBIDDEN = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)))
_REFERENCE = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?:#([0-9]{1,8});|#[xX]([0-9A-Fa-f]{1,7});|([A-Za-z][A-Za-z0-9]{1,31};))?"
)
_NO_TAG = re.compile(rb"<(?=[^A-Za-z_:/!?\x80-\xff])")
_NO_SPACE = re.compile(rb'"(?=(?:start|stop|channel|id|lang|src|system|role|units|width|height)=")')
"""`start="…"stop="…"` is all of some feeds."""
_OPENS = re.compile(rb"<!--|<!\[CDATA\[")
_CDATA = b"<![CDATA["
_CLOSES = {b"<!--": b"-->", _CDATA: b"]]>"}
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")


class Mender:
    """Bytes in, well-formed UTF-8 out as far as that can be had without a parser; comments are dropped."""

    def __init__(self) -> None:
        self._carried = b""
        self._has_begun = False
        self._recoder = Recoder(b"")
        self._utf_16 = utf_16_decoder(b"")
        self._first = True
        self._inside = b""

    def feed(self, step: bytes) -> bytes:
        if self._first:
            self._first = False
            self._utf_16 = utf_16_decoder(step)
        if self._utf_16 is not None:
            step = self._utf_16.decode(step).encode("utf-8", "replace")
        data = self._carried + step.translate(None, _FORBIDDEN)
        if not self._has_begun:
            if len(data) < HEAD_BYTES:
                self._carried = data
                return b""
            data = self._begun(data)
        # Here no reference, opening or character is parted, nor a tag: where the parser stops at one, reading
        # goes on with it. In a long text a space has to do.
        cut = 1 + data.rfind(b">") or 1 + max(data.rfind(b" "), data.rfind(b"\n"))
        data, self._carried = data[:cut], data[cut:]
        if len(self._carried) > LONGEST_WORD:
            raise Damaged("The guide is damaged: it holds a megabyte without an end.")
        return self._mended(data)

    def finish(self) -> bytes:
        data = self._carried if self._has_begun else self._begun(self._carried)
        self._carried = b""
        return self._mended(data)

    def _begun(self, data: bytes) -> bytes:
        """From where the guide begins: some panels send warnings of their own before it."""
        data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
        found = _BEGINS.search(data)
        if found is None:
            raise _something_else(data)
        data = data[found.start() :]
        self._has_begun, self._recoder = True, Recoder(data)
        # It would say how to read what has been read by then.
        return _DECLARATION.sub(b"", data, count=1)

    def _mended(self, data: bytes) -> bytes:
        data = self._recoder.utf_8(data)
        for noncharacter in _NONCHARACTERS:
            data = data.replace(noncharacter, b"")
        if not self._inside and b"<!" not in data:
            return _text(data)
        return b"".join(self._sections(data))

    def _sections(self, data: bytes) -> list[bytes]:
        found, at = list[bytes](), 0
        while at < len(data):
            if not self._inside:
                opening = _OPENS.search(data, at)
                found.append(_text(data[at : opening.start() if opening else None]))
                if opening is None:
                    break
                self._inside, at = opening[0], opening.end()
                if self._inside == _CDATA:
                    found.append(_CDATA)
                continue
            end = data.find(_CLOSES[self._inside], at)
            stop = len(data) if end < 0 else end + 3
            if self._inside == _CDATA:
                found.append(data[at:stop])
            self._inside, at = self._inside if end < 0 else b"", stop
        return found


def _text(data: bytes) -> bytes:
    if b"&" in data:
        data = _REFERENCE.sub(_reference, data)
    if b"]]>" in data:
        data = data.replace(b"]]>", b"]]&gt;")
    return _NO_TAG.sub(b"&lt;", _NO_SPACE.sub(b'" ', data))


def _reference(found: re.Match[bytes]) -> bytes:
    decimal, hexadecimal, name = found.groups()
    if name:
        meant = html5.get(name.decode())
        if meant is None:
            return b"&amp;" + name
        return b"".join(b"&#%d;" % ord(character) for character in meant)
    if decimal or hexadecimal:
        number = int(decimal) if decimal else int(hexadecimal, 16)
        if 0x80 <= number < 0xA0:  # what Windows-1252 has there is meant, as in HTML
            number = ord(bytes((number,)).decode("cp1252", "replace"))
        return b"&#%d;" % number if _is_allowed(number) else b""
    return b"&amp;"


def _is_allowed(number: int) -> bool:
    return (
        number in {0x9, 0xA, 0xD}
        or 0x20 <= number < 0xD800
        or 0xE000 <= number < 0xFFFE
        or 0x10000 <= number < 0x110000
    )


def _something_else(data: bytes) -> Empty | NotAGuide:
    if not data:
        return Empty("The server sent nothing.")
    start = data[:1000].lower()
    if any(mark in start for mark in (b"<!doctype html", b"<html", b"<head", b"<body", b"<br")):
        what = "a web page"
    elif start[:1] in {b"{", b"["}:
        what = "JSON"
    elif start.startswith(b"#ext"):
        what = "a playlist"
    else:
        what = "something else"
    return NotAGuide(f"The server sent {what} instead of a guide.")
