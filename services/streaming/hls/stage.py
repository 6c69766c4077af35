"""The tracks of a film as one player is given them: what its playlists name, and what makes each. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

import msgspec

from libs.common.media import MediaPathUnknown
from services.streaming.hls import commands, m3u8
from services.streaming.hls.cuts import Cuts, even_cuts
from services.streaming.hls.film import Film, Subtitle
from services.streaming.hls.ladder import SEGMENT_S, Rung, Voice, rungs, voices
from services.streaming.hls.runs import Track
from services.streaming.hls.tickets import Ticket

T = TypeVar("T")

TEXT_S: Final = 60.0
"""Subtitles are small, but to find them all of the film is read."""


@dataclass(frozen=True)
class Stage:
    """`ticket` has a film. `begins_s`, where its own pictures are cut, is needed for these alone."""

    ticket: Ticket
    film: Film
    begins_s: tuple[float, ...] = field(default=(0.0,), repr=False)

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        ticket = self.ticket
        return rungs(self.film, copies_picture=ticket.copies_picture, max_height=ticket.max_height)

    @cached_property
    def voices(self) -> tuple[Voice, ...]:
        return voices(self.film, self.ticket.copied)

    @cached_property
    def text_cuts(self) -> Cuts:
        return even_cuts(self.film.duration_s, TEXT_S)

    def master(self) -> str:
        return m3u8.master(self.rungs, self.voices, self.film.subtitles)

    def needs_cuts(self, number: int) -> bool:
        return _nth(self.rungs, number).is_original

    def picture(self, number: int) -> Track:
        """Raises MediaPathUnknown, as the others do."""
        rung, picture = _nth(self.rungs, number), self.film.picture
        if rung.is_original:
            return Track(
                key=self._key("v", "copied"),
                kind="v",
                origin=self.ticket.origin,
                cuts=Cuts(self.begins_s, self.film.duration_s),
                command=lambda source, start_s: commands.copied_picture(source, picture, start_s),
            )
        return Track(
            key=self._key("v", f"{rung.width}x{rung.height} {rung.average_bps}"),
            kind="v",
            origin=self.ticket.origin,
            cuts=even_cuts(self.film.duration_s, SEGMENT_S),
            command=lambda source, start_s: commands.made_picture(source, picture, rung, start_s),
            is_heavy=True,
        )

    def sound(self, number: int) -> Track:
        voice = _nth(self.voices, number)
        make = commands.copied_sound if voice.is_copied else commands.made_sound
        stream = voice.sound.stream
        return Track(
            key=self._key("a", f"{stream} {voice.is_copied}"),
            kind="a",
            origin=self.ticket.origin,
            cuts=even_cuts(self.film.duration_s, SEGMENT_S),
            command=lambda source, start_s: make(source, stream, start_s),
        )

    def subtitle(self, number: int) -> Subtitle:
        return _nth(self.film.subtitles, number)

    def text_key(self, number: int) -> str:
        return self._key("s", str(self.subtitle(number).stream))

    def _key(self, kind: str, which: str) -> str:
        told = msgspec.msgpack.encode((self.ticket.origin, self.film, kind, which))
        return hashlib.blake2b(told, digest_size=16).hexdigest()


def _nth(found: Sequence[T], number: int) -> T:
    if number >= len(found):
        raise MediaPathUnknown("There is no such track in this film.")
    return found[number]
