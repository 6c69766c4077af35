"""Addons, what they offer, and how it is ranked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from libs.addons.items import Item, read_items
from libs.common.contracts.addon_health import SourceHealth
from libs.common.contracts.source_settings import SourceSettings
from libs.protocols.stremio.manifest import Manifest
from services.catalog.health.told import badge_of
from services.streaming.model import Addon
from services.streaming.ranking.places import ANY_PLAYER, Player
from services.streaming.ranking.question import Question, ask
from services.streaming.ranking.rank import Ranked, Ranking
from services.streaming.starts_model import NOTHING_KNOWN, StartTimes

FILM = ask("movie", "tt1")
EPISODE = ask("series", "tt1:2:3")
Offered = tuple[Addon, tuple[Item, ...]]


def addon(
    name: str = "one", *, score: int | None = None, poor_below: int = 60, is_own: bool = False
) -> Addon:
    manifest = Manifest(id=name, name=name, version="1.0.0")
    health = SourceHealth(score=score, badge=badge_of(score, poor_below))
    return Addon(name, name, name, manifest, f"https://{name}.example/manifest.json", is_own, health)


def link(filename: str, size: int | None = None, **members: Any) -> dict[str, Any]:
    hints = {"filename": filename} | ({} if size is None else {"videoSize": size})
    return {
        "name": "Link",
        "url": f"https://cdn.example/{quote(filename)}/{size}",
        "behaviorHints": hints,
    } | members


def torrent(filename: str, index: int = 0, seeders: int = 50, **members: Any) -> dict[str, Any]:
    text = f"{filename}\n👤 {seeders} 💾 2.50 GB"
    hints = {"filename": filename}
    found = {"name": "Torrent", "title": text, "infoHash": "ab" * 20, "fileIdx": index}
    return {**found, "behaviorHints": hints, **members}


def offered(by: Addon, *items: dict[str, Any]) -> Offered:
    return by, read_items("stream", [msgspec.json.encode(item) for item in items])


def rank(
    *lists: Offered,
    question: Question = FILM,
    player: Player = ANY_PLAYER,
    starts: StartTimes = NOTHING_KNOWN,
    **settings: Any,
) -> Ranked:
    ranking = Ranking()
    return ranking.rank(lists, question, SourceSettings(**settings), player, starts)


def names(ranked: Ranked) -> list[str]:
    """The files in their order."""
    return [" ".join(entry.source.release.words) for entry in ranked.entries]
