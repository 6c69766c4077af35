"""How one source is played by one player: looked into, decided, and given paths."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.playback import (
    AudioTrack,
    PlaybackMethod,
    PlaybackPlan,
    PlaybackQuestion,
    PlayerAbilities,
    Quality,
    SubtitleTrack,
)
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Overloaded
from libs.common.identity import Identity
from libs.common.media import MediaPaths, Proof, TooLong, Wish
from libs.common.secrets import new_token
from libs.protocols.stremio.objects import Stream
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.aggregate import Aggregate
from services.streaming.errors import ProviderTimedOut
from services.streaming.hls import m3u8
from services.streaming.hls.decide import choose
from services.streaming.hls.errors import FfmpegMissing, SourceNotFound
from services.streaming.hls.origins import Origins
from services.streaming.hls.probe import Probe
from services.streaming.hls.processes import Programs
from services.streaming.hls.sources import Elsewhere, Nowhere, Own, target_of
from services.streaming.hls.stage import Stage
from services.streaming.hls.tickets import MASTER, PART, WHOLE, Link, Local, Ticket, Tickets
from services.streaming.media.playlists import CONTENT_TYPE as PLAYLIST
from services.streaming.media.playlists import extension_of
from services.streaming.starts import Starts

TYPES: Final = {
    "avi": "video/x-msvideo",
    "m4v": "video/mp4",
    "mkv": "video/x-matroska",
    "mov": "video/mp4",
    "mp4": "video/mp4",
    "ts": "video/mp2t",
    "webm": "video/webm",
}
UNKNOWN: Final = "application/octet-stream"
CONTAINERS: Final = {"m4v": "mp4", "mov": "mp4", "m2ts": "ts"}
"""Endings of files that are the same kind of file as another."""
SLOW_S: Final = 5.0
"""A source that has sent nothing for so long when it is given up began late; sooner, its player left."""
ANSWERED_S: Final = 0.5
"""Of the time that a caller has, what is left for the answer to reach it."""


class Asker(NamedTuple):
    """Who plays it, and what they were let in by."""

    identity: Identity
    proof: Proof

    def ticket(self, origin: Link | Local) -> Ticket:
        return Ticket(self.identity.account_id, self.identity.profile_id, new_token(bytes_=6), origin)

    def wish(self, own: Own) -> Wish:
        return Wish(self.identity.account_id, self.identity.profile_id, own.kind, own.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Asks nobody for what the question names: only sources of the profile itself are played."""

    aggregate: Aggregate
    origins: Origins
    probe: Probe
    programs: Programs
    tickets: Tickets
    paths: MediaPaths
    starts: Starts
    clock: Clock

    async def plan(
        self, asker: Asker, path: ResourcePath, question: PlaybackQuestion, *, deadline: Deadline
    ) -> PlaybackPlan:
        """Raises HeadgateError where the source isn't the profile's, or the hub has no room."""
        found = await self.aggregate.find(asker.identity, path, question.source, deadline=deadline)
        if found is None:
            raise SourceNotFound("This source is not offered any more. Load the list of sources again.")
        addon, stream = found
        return await self._of_stream(asker, addon.id, stream, question, deadline)

    async def _of_stream(
        self, asker: Asker, addon_id: str, stream: Stream, question: PlaybackQuestion, deadline: Deadline
    ) -> PlaybackPlan:
        target = target_of(stream)
        if isinstance(target, Nowhere):
            return impossible(target.reason)
        if isinstance(target, Elsewhere):
            return PlaybackPlan(method="external", url=target.address, reason="Another site plays this.")
        try:
            async with asyncio.timeout(max(0.0, deadline.remaining_s - ANSWERED_S)):
                return await self._of_target(asker, addon_id, target, question)
        except TimeoutError:
            return impossible("This source takes too long to say what it is.")
        except TooLong:
            return impossible("The address of this source is too long.")
        except Overloaded:
            raise
        except HeadgateError as error:
            return impossible(str(error))

    async def _of_target(
        self, asker: Asker, addon_id: str, target: Link | Own, question: PlaybackQuestion
    ) -> PlaybackPlan:
        if isinstance(target, Own):
            if target.kind != "local":
                return self._of_library(asker, target, question.player)
            return await self._made(_Work(asker, Local(target.item), target, target.ending, question))
        if not await self._begun(asker, addon_id, target):
            return await self._made(_Work(asker, target, None, extension_of(target.url), question))
        url = self.tickets.path(asker.ticket(target), asker.proof, f"{PART}.m3u8")
        return PlaybackPlan(
            method="hls", url=url, content_type=PLAYLIST, reason="The source sends this in parts itself."
        )

    async def _begun(self, asker: Asker, addon_id: str, link: Link) -> bool:
        """Whether it is a playlist. How long its first bytes took is noted, also where they took too long."""
        began = self.clock.monotonic()
        try:
            is_playlist = await self.origins.is_playlist(link)
        except (ProviderTimedOut, asyncio.CancelledError):
            waited_s = self.clock.monotonic() - began
            if waited_s >= SLOW_S:
                self.starts.note(asker.identity, addon_id, link.url, waited_s)
            raise
        self.starts.note(asker.identity, addon_id, link.url, self.clock.monotonic() - began)
        return is_playlist

    async def _made(self, work: _Work) -> PlaybackPlan:
        try:
            self.programs.check()
        except FfmpegMissing as error:
            return self._unlooked(work, error)
        origin, player = work.origin, work.question.player
        looked = await self.probe.look(origin, work.asker.identity.account_id)
        film, choice = looked.film, choose(looked.film, player)
        ticket = msgspec.structs.replace(
            work.asker.ticket(origin),
            film=film,
            copies_picture=choice.copies_picture,
            copied=choice.copied,
            max_height=player.max_height,
            start_s=min(work.question.start_s, film.duration_s),
        )
        url = self.tickets.path(ticket, work.asker.proof, MASTER)
        plan = plan_of(Stage(ticket, film), url, method=choice.method, reason=choice.reason)
        if choice.method != "direct":
            return plan
        return msgspec.structs.replace(
            plan,
            url=self._as_it_is(work, work.ending or film.container),
            content_type=TYPES.get(film.container, UNKNOWN),
            qualities=(),
        )

    def _as_it_is(self, work: _Work, ending: str) -> str:
        asker = work.asker
        if work.own is not None:
            return self.paths.path(asker.wish(work.own), asker.proof, ending)
        return self.tickets.path(asker.ticket(work.origin), asker.proof, f"{WHOLE}.{ending}")

    def _unlooked(self, work: _Work, error: FfmpegMissing) -> PlaybackPlan:
        """By the name of the file alone."""
        if CONTAINERS.get(work.ending, work.ending) not in work.question.player.containers:
            return impossible(f"{error} This player can't open the file as it is: choose another source.")
        return PlaybackPlan(
            method="direct",
            reason="By its name the player can open this file. The hub can't look into it without ffmpeg.",
            url=self._as_it_is(work, work.ending),
            content_type=TYPES.get(work.ending, UNKNOWN),
        )

    def _of_library(self, asker: Asker, own: Own, player: PlayerAbilities) -> PlaybackPlan:
        """What accounts hold is passed on as it is: most allow one connection, converting takes several."""
        if own.kind == "live" or own.ending == "m3u8":
            url = self.paths.path(asker.wish(own), asker.proof, "m3u8")
            return PlaybackPlan(
                method="hls", url=url, content_type=PLAYLIST, reason="Your provider sends this in parts."
            )
        if CONTAINERS.get(own.ending, own.ending) not in player.containers:
            return impossible(
                f"Your provider has this as {own.ending.upper() or 'a file of unknown kind'}. This player "
                "can't open that, and what accounts hold is not converted: open it in a player of its own."
            )
        return PlaybackPlan(
            method="direct",
            reason="Your provider's file is passed on as it is.",
            url=self.paths.path(asker.wish(own), asker.proof, own.ending),
            content_type=TYPES.get(own.ending, UNKNOWN),
        )


class _Work(NamedTuple):
    """What is to be looked into. `own` is what the hub calls it, where it is its own."""

    asker: Asker
    origin: Link | Local
    own: Own | None
    ending: str
    question: PlaybackQuestion


def impossible(reason: str) -> PlaybackPlan:
    return PlaybackPlan(method="impossible", reason=reason)


def plan_of(stage: Stage, url: str, *, method: PlaybackMethod, reason: str) -> PlaybackPlan:
    """A film that is made here. `url` is its master playlist's."""
    loudest = max((voice.bitrate_bps for voice in stage.voices), default=0)
    return PlaybackPlan(
        method=method,
        reason=reason,
        url=url,
        content_type=PLAYLIST,
        duration_s=stage.film.duration_s,
        audio_tracks=_sounds(stage),
        subtitle_tracks=_texts(stage, url.removesuffix(MASTER)),
        qualities=tuple(
            Quality(
                height=rung.height,
                width=rung.width,
                bandwidth_bps=rung.peak_bps + loudest,
                is_original=rung.is_original,
            )
            for rung in stage.rungs
        ),
    )


def _sounds(stage: Stage) -> tuple[AudioTrack, ...]:
    names = m3u8.sound_names(stage.voices)
    return tuple(
        AudioTrack(
            id=number,
            name=names[number],
            language=voice.sound.language,
            codec=voice.sound.codec,
            channels=voice.sound.channels,
            is_default=voice.sound.is_default,
        )
        for number, voice in enumerate(stage.voices)
    )


def _texts(stage: Stage, folder: str) -> tuple[SubtitleTrack, ...]:
    names = m3u8.text_names(stage.film.subtitles)
    return tuple(
        SubtitleTrack(
            id=number,
            name=names[number],
            url=f"{folder}s{number}.vtt",
            language=text.language,
            is_default=text.is_default,
            is_forced=text.is_forced,
        )
        for number, text in enumerate(stage.film.subtitles)
    )
