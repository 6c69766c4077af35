"""What it costs to rank the sources of a video: read for the first time, and met again."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Final

from benchmarks.figures import Figure
from benchmarks.sources.made import TITLES, sightings
from libs.addons.items import Item, read_items
from libs.common.contracts.source_settings import SourceSettings
from libs.protocols.stremio.manifest import Manifest
from services.streaming.aggregate import READ_AT_ONCE
from services.streaming.model import Addon
from services.streaming.ranking.bounded import Lists
from services.streaming.ranking.question import ask
from services.streaming.ranking.rank import Ranking, read_ahead

SOURCES: Final = 500
ROUNDS: Final = 15
SETTINGS: Final = SourceSettings(
    resolutions=(1080, 2160, 720),
    max_film_bytes=40 * 1024**3,
    languages=("en", "fr"),
    exclude=("sample", "hdcam"),
    exclude_patterns=(r"\b(3d|sbs|h-?ou)\b",),
    prefer=("remux",),
    per_resolution=100,
)


def measure() -> list[Figure]:
    """Each round's sources are met in no other. An addon's are read when it answers, all are ranked when the
    last has."""
    ranking = Ranking()
    question = ask("movie", "tt0000001", TITLES)
    ahead: list[float] = []
    first: list[float] = []
    again: list[float] = []
    for seed in range(ROUNDS):
        lists = _lists(seed)
        ranked = partial(ranking.rank, lists, question, SETTINGS)
        ahead.append(_cpu_ms(partial(_read, lists[:-1])))
        first.append(_cpu_ms(partial(_read, lists[-1:])) + _cpu_ms(ranked))
        again.append(_cpu_ms(ranked))
    whole = median(map(sum, zip(ahead, first, strict=True)))
    note = (
        f"CPU from the last of ten answers on, {SOURCES} sources never seen before with filters, expressions "
        f"and limits, median of {ROUNDS}; with those of the other nine, which are read while the last is "
        f"waited for, {READ_AT_ONCE} at once, {whole:.0f} ms"
    )
    return [
        Figure("500 sources ranked for the first time", median(first), "ms", "at most", 15, note),
        Figure("500 sources ranked again", median(again), "ms", "at most", 15, "as above, all of them known"),
    ]


def _read(lists: Lists) -> None:
    for addon, items in lists:
        read_ahead(items, addon.name)


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _lists(seed: int) -> list[tuple[Addon, tuple[Item, ...]]]:
    found = sightings(1_000 * seed, files=260)
    while len(found) < SOURCES:
        found += sightings(1_000 * seed + len(found), files=20)
    manifest = Manifest(id="made", name="Made", version="1.0.0")
    by_addon: dict[str, list[bytes]] = {}
    for each in found[:SOURCES]:
        by_addon.setdefault(each.addon, []).append(each.raw)
    return [
        (
            Addon(name, name, name, manifest, f"https://{name}.example/manifest.json"),
            read_items("stream", raws),
        )
        for name, raws in sorted(by_addon.items())
    ]
