"""What it costs to rank the sources of a video: read for the first time, and met again."""

from __future__ import annotations

import time
from statistics import median
from typing import Final

from benchmarks.figures import Figure
from benchmarks.sources.made import TITLES, sightings
from libs.addons.items import Item, read_items
from libs.common.contracts.source_settings import SourceSettings
from libs.protocols.stremio.manifest import Manifest
from services.streaming.model import Addon
from services.streaming.ranking import names, understanding
from services.streaming.ranking.question import ask
from services.streaming.ranking.rank import Ranking

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
    lists = _lists()
    ranking = Ranking()
    question = ask("movie", "tt0000001", TITLES)
    first: list[float] = []
    again: list[float] = []
    for _ in range(ROUNDS):
        understanding.forget()
        names.forget()
        for took in (first, again):
            began = time.process_time()
            ranking.rank(lists, question, SETTINGS)
            took.append(1000 * (time.process_time() - began))
    offered = sum(len(items) for _, items in lists)
    note = (
        f"CPU, {offered} sources of ten addons with filters, expressions and limits, median of {ROUNDS};"
        f" {median(first):.0f} ms with all of them read for the first time, most of it while slower"
        " addons are waited for"
    )
    return [Figure("500 sources ranked", median(again), "ms", "at most", 15, note)]


def _lists() -> list[tuple[Addon, tuple[Item, ...]]]:
    found = sightings(7, files=260)
    while len(found) < SOURCES:
        found += sightings(8 + len(found), files=20)
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
