"""All runs of this process: who waits for which, how many there may be, and what is ended for what."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from libs.common.clock import Clock
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from services.streaming.hls.boxes import segment
from services.streaming.hls.errors import ConversionsFull, FilmCutOff, SegmentTimedOut
from services.streaming.hls.feeds import Feeds
from services.streaming.hls.processes import Programs
from services.streaming.hls.runs import Run, Track
from services.streaming.hls.shelf import Shelf
from services.streaming.hls.tickets import Player, TrackKind

WITHIN_S: Final = 60.0
"""A segment that takes longer is asked for again, by when it may be there."""
IDLE_S: Final = 60.0
"""A player that is paused asks for nothing; a new run is under way in a second."""
SPARE_S: Final = 10.0
"""A run that nobody asked for so long may be ended for another."""
SWEEP_S: Final = 5.0
LIGHT_FOR_EACH: Final = 4
"""Runs that make no pictures, for each that may: a film has one of pictures and one of sound."""
INITS: Final = 500
TRIES: Final = 3


class Studio:
    """`at_once` is how many runs may make pictures."""

    def __init__(
        self,
        feeds: Feeds,
        programs: Programs,
        shelf: Shelf,
        *,
        at_once: int,
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
    ) -> None:
        self._feeds = feeds
        self._programs = programs
        self._shelf = shelf
        self._at_once = at_once
        self._clock = clock
        self._tasks = tasks
        self._runs: list[Run] = []
        self._of: dict[tuple[Player, TrackKind], Run] = {}
        self._inits: OrderedDict[str, bytes] = OrderedDict()
        self._segments = metrics.counter(
            "hls_segments_total", "Segments of films that players asked for.", ("from",)
        )
        self._begun = metrics.counter(
            "hls_runs_begun_total", "Runs of ffmpeg begun to make segments.", ("kind",)
        )
        metrics.gauge("hls_runs", "Runs of ffmpeg that make segments now.").set_function(
            lambda: len(self._runs)
        )
        metrics.gauge("hls_kept_bytes", "Segments kept on disk.").set_function(lambda: shelf.size_bytes)

    def start(self) -> None:
        self._tasks.every("hls_sweep", SWEEP_S, self._sweep, clock=self._clock)

    async def segment(self, track: Track, number: int, player: Player) -> bytes:
        """Raises HeadgateError."""
        for attempt in range(TRIES):
            found = await self._shelf.get(track.key, number)
            if found is not None:
                self._goes_on(track, number, player)
                self._segments.labels("run" if attempt else "shelf").inc()
                return found
            run = self._run_for(track, number, player)
            await self._wait(run, number)
            if run.was_ended:
                continue
            if run.error is not None:
                raise run.error
            if run.next <= number and not run.is_over:
                raise SegmentTimedOut("This part of the film takes long to convert.", retry_after_s=2)
            # A run that ended early may have lost its source: only one that had nothing from here on tells.
            if run.next <= number and not run.made:
                return self._nothing_more(track, number, run)
        raise SegmentTimedOut("Too much is converted at once to keep it.", retry_after_s=5)

    async def init(self, track: Track, player: Player, start_s: float) -> bytes:
        """What stands before a track's segments. Raises HeadgateError."""
        known = self._inits.get(track.key)
        if known is not None:
            return known
        run = self._run_for(track, track.cuts.of(start_s), player)
        run.waiting += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(WITHIN_S):
                    await run.has_init()
        finally:
            run.waiting -= 1
        if run.init is None:
            raise run.error or SegmentTimedOut("This film takes long to convert.", retry_after_s=2)
        self._inits[track.key] = run.init.data
        if len(self._inits) > INITS:
            self._inits.popitem(last=False)
        return run.init.data

    def prepare(self, track: Track, player: Player, start_s: float) -> None:
        """Begins where playing will begin, before that is asked for. Raises HeadgateError."""
        number = track.cuts.of(start_s)
        if not self._shelf.has(track.key, number):
            self._run_for(track, number, player)

    async def _wait(self, run: Run, number: int) -> None:
        run.waiting += 1
        run.asked(number)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(WITHIN_S):
                    await run.has(number)
        finally:
            run.waiting -= 1
            if not run.waiting and not run.players:
                self._end(run)

    def _nothing_more(self, track: Track, number: int, run: Run) -> bytes:
        """The last seconds may hold sound and no pictures, or the other way round."""
        if number < len(track.cuts) - 2 or run.init is None:
            raise FilmCutOff("The film's file ends before this.")
        begins = round(track.cuts.begins[number] * run.init.timescale)
        return segment(number, [], run.init.timescale, begins=begins, ends=begins)

    def _goes_on(self, track: Track, number: int, player: Player) -> None:
        run = self._of.get((player, track.kind))
        if run is not None and run.track.key == track.key and not run.is_over:
            run.asked(number)

    def _run_for(self, track: Track, number: int, player: Player) -> Run:
        for run in self._runs:
            if run.track.key == track.key and run.will_soon_have(number):
                self._joins(run, player)
                return run
        self._leaves(player, track.kind)
        self._make_room(track, player.account_id)
        run = Run(track, number, account_id=player.account_id, clock=self._clock)
        self._joins(run, player)
        self._runs.append(run)
        self._begun.labels(track.kind).inc()
        run.task = self._tasks.spawn("hls_run", self._go(run))
        return run

    async def _go(self, run: Run) -> None:
        try:
            await run.go(self._feeds, self._programs, self._shelf)
        finally:
            self._forget(run)

    def _joins(self, run: Run, player: Player) -> None:
        if self._of.get((player, run.track.kind)) is run:
            return
        self._leaves(player, run.track.kind)
        self._of[player, run.track.kind] = run
        run.players.add(player)

    def _leaves(self, player: Player, kind: TrackKind) -> None:
        run = self._of.pop((player, kind), None)
        if run is None:
            return
        run.players.discard(player)
        if not run.players and not run.waiting:
            self._end(run)

    def _make_room(self, track: Track, account_id: str) -> None:
        """Raises ConversionsFull."""
        most = self._at_once * (1 if track.is_heavy else LIGHT_FOR_EACH)
        alike = [run for run in self._runs if run.track.is_heavy == track.is_heavy]
        if len(alike) < most:
            return
        old = self._clock.monotonic() - SPARE_S
        spare = [run for run in alike if not run.waiting and run.asked_at <= old]
        spare = spare or _of_who_has_most(alike, account_id)
        if not spare:
            raise ConversionsFull(
                "This hub converts as many films at once as it can. Try again when somebody has stopped, or "
                "choose a source that your player can play as it is.",
                retry_after_s=SPARE_S,
            )
        self._end(min(spare, key=lambda run: run.asked_at))

    def _end(self, run: Run) -> None:
        run.end()
        self._forget(run)

    def _forget(self, run: Run) -> None:
        if run in self._runs:
            self._runs.remove(run)
        for player in run.players:
            if self._of.get((player, run.track.kind)) is run:
                del self._of[player, run.track.kind]

    async def _sweep(self) -> None:
        old = self._clock.monotonic() - IDLE_S
        for run in [run for run in self._runs if not run.waiting and run.asked_at < old]:
            self._end(run)
        await self._shelf.sweep()


def _of_who_has_most(runs: Sequence[Run], account_id: str) -> list[Run]:
    """What may be ended for another account: one run of who then still has as many as that account."""
    held = Counter(run.account_id for run in runs)
    most = max(held, key=lambda each: held[each])
    return [run for run in runs if run.account_id == most] if held[most] > held[account_id] + 1 else []
