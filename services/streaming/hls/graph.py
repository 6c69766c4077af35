"""What makes films playable, put together and opened at start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from libs.common.cache import Cache
from libs.common.errors import StartupRefused
from libs.common.ground import Ground
from libs.common.media import MediaPaths
from libs.common.states import WarningState
from services.streaming.aggregate import Aggregate
from services.streaming.hls.errors import FfmpegMissing
from services.streaming.hls.feeds import Feeds
from services.streaming.hls.origins import Origins
from services.streaming.hls.planning import Planner
from services.streaming.hls.probe import Probe
from services.streaming.hls.processes import Programs
from services.streaming.hls.shelf import Shelf
from services.streaming.hls.studio import Studio
from services.streaming.hls.texts import Texts
from services.streaming.hls.tickets import Local, Origin, Tickets
from services.streaming.providers.local import LocalFolder
from services.streaming.settings import Settings
from services.streaming.sources.media import MediaSource
from services.streaming.starts import Starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Hls:
    tickets: Tickets
    planner: Planner
    origins: Origins
    feeds: Feeds
    probe: Probe
    studio: Studio
    texts: Texts


def open_hls(
    ground: Ground,
    settings: Settings,
    *,
    aggregate: Aggregate,
    source: MediaSource,
    paths: MediaPaths,
    folder: LocalFolder | None,
    looked: Cache,
    starts: Starts,
) -> Hls:
    """`looked` keeps what films were found to be. Raises StartupRefused where segments can't be kept."""
    origins = Origins(source, folder.open if folder is not None else None)
    feeds = Feeds(origins)
    programs = _open_programs(ground, settings)
    shelf = _open_shelf(ground, settings)
    probe = Probe(origins, feeds, programs, looked, version=partial(_version, folder))
    tickets = Tickets(settings.common.secret_key, ground.clock)
    planner = Planner(
        aggregate=aggregate,
        origins=origins,
        probe=probe,
        programs=programs,
        tickets=tickets,
        paths=paths,
        starts=starts,
        clock=ground.clock,
    )
    return Hls(
        tickets=tickets,
        planner=planner,
        origins=origins,
        feeds=feeds,
        probe=probe,
        studio=_open_studio(ground, settings, feeds, programs, shelf),
        texts=Texts(feeds, programs, shelf, ground.tasks),
    )


def _open_programs(ground: Ground, settings: Settings) -> Programs:
    programs = Programs(settings.programs_path, ground.tasks)

    async def has_ffmpeg() -> None:
        programs.check()

    def missing() -> tuple[WarningState, ...]:
        try:
            programs.check()
        except FfmpegMissing as error:
            return (WarningState(name="ffmpeg", reason=str(error)),)
        return ()

    ground.health.add("ffmpeg", has_ffmpeg, required=False)
    ground.status.add(WarningState, missing)
    return programs


def _open_shelf(ground: Ground, settings: Settings) -> Shelf:
    """Raises StartupRefused."""
    shelf = Shelf(settings.hls_dir, most_bytes=settings.hls_bytes, clock=ground.clock)
    try:
        shelf.open()
    except OSError as error:
        raise StartupRefused(
            f"HEADGATE_HLS_DIR can't be used: {error.strerror} ({settings.hls_dir})."
        ) from error
    ground.stack.callback(shelf.close)
    return shelf


def _open_studio(
    ground: Ground, settings: Settings, feeds: Feeds, programs: Programs, shelf: Shelf
) -> Studio:
    studio = Studio(
        feeds,
        programs,
        shelf,
        at_once=settings.hls_at_once,
        clock=ground.clock,
        tasks=ground.tasks,
        metrics=ground.metrics,
    )
    studio.start()
    return studio


def _version(folder: LocalFolder | None, origin: Origin) -> str:
    if folder is None or not isinstance(origin, Local):
        return ""
    file = folder.file(origin.file)
    return f"{file.modified_ns:x}-{file.size_bytes:x}"
