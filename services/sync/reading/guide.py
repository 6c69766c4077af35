"""An XMLTV guide: the programmes of the channels that are wanted, from last week to the week after next.

A guide's channel is wanted by its id, else by one of its names, under the id that the library knows it by.
What it has nothing of is still wanted, of another guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from libs.protocols.xmltv.errors import Empty, GuideBroken, Truncated
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Channel, Programme
from libs.protocols.xmltv.rows import Row as GuideRow
from libs.titles.folding import fold
from services.sync.reading.hashing import hash_of
from services.sync.reading.order import Wanted
from services.sync.reading.out import Out
from services.sync.reading.rows import LONGEST_NAME, LONGEST_TEXT, picture

DAY_S: Final = 86_400
BEFORE_S: Final = 7 * DAY_S
AFTER_S: Final = 14 * DAY_S
USUAL_S: Final = 3600
"""How long the last programme of a channel goes on where the guide doesn't say."""
MOST_S: Final = DAY_S

_encode = msgspec.json.Encoder().encode


def read_guide(pieces: Iterable[bytes], wanted: Sequence[Wanted] | None, now_s: int, out: Out) -> None:
    """Ends with a Tally that is done, whatever is wrong with the guide."""
    reader, taking = Reader(), _Taking(wanted, now_s, out)
    error: GuideBroken | None = None
    try:
        for rows in _batches(reader, pieces):
            for row in rows:
                if isinstance(row, Channel):
                    taking.channel(row)
                else:
                    taking.programme(row)
            out.tell()
    except GuideBroken as found:
        error = found
    taking.end()
    if wanted is not None:
        out.wanted(one for one in wanted if one.guide_id not in taking.told)
    out.skipped.update(reader.skipped)
    out.end(
        error, reason="" if error is None else error.reason, may_pass=isinstance(error, Empty | Truncated)
    )


def _batches(reader: Reader, pieces: Iterable[bytes]) -> Iterator[list[GuideRow]]:
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.finish()


class _Taking:
    def __init__(self, wanted: Sequence[Wanted] | None, now_s: int, out: Out) -> None:
        self._out = out
        self._from_s, self._until_s = now_s - BEFORE_S, now_s + AFTER_S
        self._takes_all = wanted is None
        self._by_id: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        for one in wanted or ():
            self._by_id.setdefault(one.guide_id.casefold(), []).append(one.guide_id)
            for name in one.names:
                self._by_name.setdefault(name, []).append(one.guide_id)
        self._named: dict[str, list[str]] = {}
        self._open: dict[str, Programme] = {}
        self.told: set[str] = set()

    def channel(self, channel: Channel) -> None:
        if channel.id.casefold() in self._by_id:
            return
        for name in channel.names:
            found = self._by_name.get(fold(name))
            if found:
                self._named[channel.id] = found
                return

    def programme(self, programme: Programme) -> None:
        """One without an end goes on until the next begins."""
        before = self._open.pop(programme.channel, None)
        if before is not None:
            self._take(before, programme.start if programme.start > before.start else None)
        if programme.stop is None:
            self._open[programme.channel] = programme
        else:
            self._take(programme, programme.stop)

    def end(self) -> None:
        for programme in self._open.values():
            self._take(programme, None)

    def _take(self, programme: Programme, stop: int | None) -> None:
        if stop is None or stop - programme.start > MOST_S:
            stop = programme.start + USUAL_S
        if stop <= self._from_s or programme.start >= self._until_s:
            return
        for guide_id in self._ids(programme.channel):
            self.told.add(guide_id)
            content = _content(programme)
            found = hash_of(_encode((guide_id, programme.start, stop, content)))
            if not self._out.kept["programmes"].meet(found):
                row = (guide_id, programme.start, stop, found, *content)
                self._out.put("programmes", row, len(content[3]) + 400)

    def _ids(self, channel: str) -> Sequence[str]:
        if self._takes_all:
            return (channel,)
        return self._by_id.get(channel.casefold()) or self._named.get(channel) or ()


def _content(programme: Programme) -> tuple[str, str, str, str, str, str, int | None, int | None]:
    title = programme.titles[0].text[:LONGEST_NAME]
    number = programme.episode
    season = None if number is None or number.season is None else number.season + 1
    episode = None if number is None or number.episode is None else number.episode + 1
    return (
        title,
        fold(title),
        programme.subtitles[0].text[:LONGEST_NAME] if programme.subtitles else "",
        programme.descriptions[0].text[:LONGEST_TEXT] if programme.descriptions else "",
        "\n".join(programme.categories),
        picture(programme.icon),
        season,
        episode,
    )
