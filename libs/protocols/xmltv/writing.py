"""A guide as the DTD wants it, written as it is asked for: children in the DTD's order, nothing XML forbids.

Times are in UTC. Whether a programme is live has no place in the DTD and isn't written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from libs.protocols.xmltv.episodes import in_xmltv_ns
from libs.protocols.xmltv.rows import ROLES, Channel, Credit, Programme, Text
from libs.protocols.xmltv.times import written

PIECE_BYTES = 64 * 1024

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv'
_SPECIAL = re.compile('[&<>"\r\n\t\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': '"', "\n": "\n", "\t": "\t"}
_IN_ATTRIBUTE = _IN_TEXT | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


CLOSING = b"</tv>\n"


def opening(generator: str) -> bytes:
    """For who writes a guide bit by bit; `channels` come next, `programmes` after them, CLOSING at last."""
    return (_HEAD + _attribute("generator-info-name", generator) + ">\n").encode()


def channels(rows: Iterable[Channel]) -> bytes:
    return "".join(map(_channel, rows)).encode()


def programmes(rows: Iterable[Programme]) -> bytes:
    return "".join(map(_programme, rows)).encode()


def write(channels: Iterable[Channel], programmes: Iterable[Programme], *, generator: str) -> Iterator[bytes]:
    """The guide in pieces of about PIECE_BYTES; `generator` is the name it gives its maker."""
    held, size = [_HEAD + _attribute("generator-info-name", generator) + ">\n"], 0
    for rows in (map(_channel, channels), map(_programme, programmes)):
        for text in rows:
            held.append(text)
            size += len(text)
            if size >= PIECE_BYTES:
                yield "".join(held).encode()
                held, size = [], 0
    held.append("</tv>\n")
    yield "".join(held).encode()


def _channel(row: Channel) -> str:
    return "".join(
        (
            "<channel",
            _attribute("id", row.id),
            ">",
            *(_element("display-name", name) for name in row.names or (row.id,)),
            _icon(row.icon),
            *(_element("url", url) for url in row.urls),
            "</channel>\n",
        )
    )


def _programme(row: Programme) -> str:
    return "".join(
        (
            "<programme",
            _attribute("start", written(row.start)),
            "" if row.stop is None else _attribute("stop", written(row.stop)),
            _attribute("channel", row.channel),
            ">",
            *_texts("title", row.titles or (Text(""),)),
            *_texts("sub-title", row.subtitles),
            *_texts("desc", row.descriptions),
            _credits(row.credits),
            _element("date", row.date) if row.date else "",
            *(_element("category", category) for category in row.categories),
            _icon(row.icon),
            _element("episode-num", row.onscreen, _attribute("system", "onscreen")) if row.onscreen else "",
            _number(row),
            "<previously-shown/>" if row.previously_shown else "",
            "<premiere/>" if row.premiere else "",
            "<new/>" if row.new else "",
            _rating(row),
            _stars(row.star_rating),
            "</programme>\n",
        )
    )


def _texts(name: str, texts: Sequence[Text]) -> Iterator[str]:
    for one in texts:
        yield _element(name, one.text, _attribute("lang", one.language) if one.language else "")


def _credits(credits: Sequence[Credit]) -> str:
    if not credits:
        return ""
    # Roles in the DTD's order; of one role people stay in theirs.
    people = "".join(
        _element(
            one.role,
            one.name,
            _attribute("role", one.character) if one.role == "actor" and one.character else "",
        )
        for one in sorted(credits, key=lambda one: ROLES.index(one.role))
    )
    return f"<credits>{people}</credits>"


def _number(row: Programme) -> str:
    if row.episode is None:
        return ""
    return _element("episode-num", in_xmltv_ns(row.episode), _attribute("system", "xmltv_ns"))


def _rating(row: Programme) -> str:
    if not row.rating:
        return ""
    system = _attribute("system", row.rating_system) if row.rating_system else ""
    return f"<rating{system}>{_element('value', row.rating)}</rating>"


def _stars(rating: float | None) -> str:
    return "" if rating is None else f"<star-rating>{_element('value', f'{rating:g}/10')}</star-rating>"


def _icon(address: str) -> str:
    return f"<icon{_attribute('src', address)}/>" if address else ""


def _element(name: str, text: str, attributes: str = "") -> str:
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(lambda found: _IN_TEXT.get(found[0], ""), text)
    return f"<{name}{attributes}>{text}</{name}>"


def _attribute(name: str, value: str) -> str:
    if _SPECIAL.search(value):
        value = _SPECIAL.sub(lambda found: _IN_ATTRIBUTE.get(found[0], ""), value)
    return f' {name}="{value}"'
