"""Rows of what an element of a guide holds, whatever the order and number of its children."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from libs.protocols.xmltv.episodes import of_onscreen, of_xmltv_ns
from libs.protocols.xmltv.rows import ROLES, Channel, Credit, EpisodeNumber, Programme, Text
from libs.protocols.xmltv.times import epoch_s

LONGEST_ID = 250
LONGEST_LANGUAGE = 40
LONGEST_NAME = 500
LONGEST_TIME = 100
LONGEST_ADDRESS = 2000
LONGEST_TEXT = 8000
MOST_TEXTS = 20
"""Languages of a title, names of a channel, categories."""
MOST_CREDITS = 50

_SHOWN_SYSTEMS = frozenset({"onscreen", "", "common", "sxxexx"})
"""The DTD's own, and what grabbers call a plain S01E02."""
_STAMP = re.compile(r"[1-9][0-9]{8,9}")
_STARS = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*(?:/\s*([0-9]{1,3}(?:[.,][0-9]{1,4})?))?")
_DATE = re.compile(r"([12][0-9]{3})(?:-?(0[1-9]|1[0-2])(?:-?(0[1-9]|[12][0-9]|3[01]))?)?(?![0-9]{1,3}$)")


ATTRIBUTE_OF: Mapping[str, str] = {
    **dict.fromkeys(("title", "sub-title", "desc"), "lang"),
    **dict.fromkeys(("episode-num", "rating"), "system"),
    "icon": "src",
    "actor": "role",
}
"""The only attribute that matters of a child."""


class Part(NamedTuple):
    """A child element with its attribute that matters; of a person's the name is the role."""

    name: str
    attribute: str
    text: str


class Unusable(Exception):
    """This row can't be used; the text is a short stable reason."""


def channel(attributes: Mapping[str, str], parts: Sequence[Part]) -> Channel:
    names: list[str] = []
    urls: list[str] = []
    icon = ""
    for part in parts:
        if part.name == "display-name":
            _add(names, _line(part.text))
        elif part.name == "icon":
            icon = icon or _icon(part)
        elif part.name == "url":
            _add(urls, _address(part.text))
    return Channel(id=_id(attributes.get("id", "")), names=tuple(names), icon=icon, urls=tuple(urls))


def programme(attributes: Mapping[str, str], parts: Sequence[Part]) -> Programme:
    channel_id = _id(attributes.get("channel", ""))
    start = _time(attributes, "start")
    if start is None:
        raise Unusable("bad_time")
    # A stop that can't be read is one that isn't there: the next programme's start says it too.
    stop = _time(attributes, "stop")
    if stop is not None and stop < start:
        raise Unusable("stop_before_start")
    draft = _Draft()
    for part in parts:
        if take := _TAKES.get(part.name):
            take(draft, part)
    if not draft.titles:
        raise Unusable("no_title")
    return Programme(
        channel=channel_id,
        start=start,
        stop=stop if stop != start else None,
        titles=tuple(draft.titles),
        subtitles=tuple(draft.subtitles),
        descriptions=tuple(draft.descriptions),
        categories=tuple(draft.categories),
        credits=tuple(draft.credits),
        date=draft.date,
        onscreen=draft.onscreen,
        episode=draft.episode or of_onscreen(draft.onscreen),
        icon=draft.icon,
        new="new" in draft.flags,
        premiere="premiere" in draft.flags,
        previously_shown="previously-shown" in draft.flags,
        live="live" in draft.flags,
        rating=draft.rating,
        rating_system=draft.rating_system,
        star_rating=draft.star_rating,
    )


class _Draft:
    def __init__(self) -> None:
        self.titles: list[Text] = []
        self.subtitles: list[Text] = []
        self.descriptions: list[Text] = []
        self.categories: list[str] = []
        self.credits: list[Credit] = []
        self.date = ""
        self.onscreen = ""
        self.episode: EpisodeNumber | None = None
        self.icon = ""
        self.flags: set[str] = set()
        self.rating = ""
        self.rating_system = ""
        self.star_rating: float | None = None

    def title(self, part: Part) -> None:
        _word(self.titles, _line(part.text), part)

    def subtitle(self, part: Part) -> None:
        _word(self.subtitles, _line(part.text), part)

    def description(self, part: Part) -> None:
        _word(self.descriptions, part.text.strip()[:LONGEST_TEXT].rstrip(), part)

    def category(self, part: Part) -> None:
        _add(self.categories, _line(part.text))

    def credit(self, part: Part) -> None:
        name = _line(part.text)
        if name and len(self.credits) < MOST_CREDITS:
            self.credits.append(Credit(part.name, name, _line(part.attribute)))

    def dated(self, part: Part) -> None:
        if found := _DATE.match(part.text.strip()):
            self.date = self.date or "".join(found.groups(""))

    def numbered(self, part: Part) -> None:
        system = part.attribute.strip().lower()
        if system == "xmltv_ns":
            self.episode = self.episode or of_xmltv_ns(part.text) or of_onscreen(part.text)
        elif system in _SHOWN_SYSTEMS:
            self.onscreen = self.onscreen or _line(part.text)

    def pictured(self, part: Part) -> None:
        self.icon = self.icon or _icon(part)

    def flagged(self, part: Part) -> None:
        self.flags.add(part.name)

    def rated(self, part: Part) -> None:
        if not self.rating and (rating := _line(part.text)):
            self.rating, self.rating_system = rating, _line(part.attribute)

    def starred(self, part: Part) -> None:
        if self.star_rating is None:
            self.star_rating = stars(part.text)


_TAKES: Mapping[str, Callable[[_Draft, Part], None]] = {
    "title": _Draft.title,
    "sub-title": _Draft.subtitle,
    "desc": _Draft.description,
    "category": _Draft.category,
    "date": _Draft.dated,
    "episode-num": _Draft.numbered,
    "icon": _Draft.pictured,
    "rating": _Draft.rated,
    "star-rating": _Draft.starred,
    **dict.fromkeys(("new", "premiere", "previously-shown", "live"), _Draft.flagged),
    **dict.fromkeys(ROLES, _Draft.credit),
}


def stars(text: str) -> float | None:
    """`3.5/5` as 7.0; a number alone is out of ten."""
    found = _STARS.fullmatch(text.strip())
    if found is None:
        return None
    value, most = (float(number.replace(",", ".")) for number in found.groups("10"))
    return round(10 * value / most, 2) if value <= most and most else None


def _id(text: str) -> str:
    found = text.strip()
    # Cut short, it would be another channel's.
    if not found or len(found) > LONGEST_ID:
        raise Unusable("no_channel")
    return found


def _time(attributes: Mapping[str, str], name: str) -> int | None:
    # Panels add what their own API says too, where no zone can be wrong.
    if found := _STAMP.fullmatch(attributes.get(f"{name}_timestamp", "").strip()):
        return int(found[0])
    text = attributes.get(name, "")
    return epoch_s(text) if len(text) <= LONGEST_TIME else None


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME].rstrip()


def _address(text: str) -> str:
    found = text.strip()
    return found if len(found) <= LONGEST_ADDRESS else ""


def _icon(part: Part) -> str:
    return _address(part.attribute or part.text)


def _word(texts: list[Text], text: str, part: Part) -> None:
    if text and len(texts) < MOST_TEXTS:
        texts.append(Text(text, part.attribute.strip()[:LONGEST_LANGUAGE]))


def _add(values: list[str], value: str) -> None:
    if value and value not in values and len(values) < MOST_TEXTS:
        values.append(value)
