"""Why a source stands where it does, in words for people."""

from __future__ import annotations

from collections.abc import Iterator

from services.streaming.ranking.places import failing, too_much_for
from services.streaming.ranking.rank import Entry, Ranked

QUALITY_WORDS = {
    "remux": "a disc's own picture",
    "bluray": "from a disc",
    "web-dl": "as a service streams it",
    "webrip": "recorded from a service",
    "hdtv": "recorded from television",
    "dvd": "from a DVD",
}


def reasons(entry: Entry, ranked: Ranked, addons: int) -> tuple[str, ...]:
    """The most important first."""
    return tuple((*_against(entry, ranked), *_for(entry, ranked), *_whose(entry, addons)))


def _against(entry: Entry, ranked: Ranked) -> Iterator[str]:
    """What puts it behind others."""
    place, facts, player = entry.place, entry.facts, ranked.player
    if place.unplayable == 3:
        yield "opens on another site, so behind what plays here"
    elif place.unplayable == 2:
        yield "not for this player"
    elif place.unplayable == 1:
        needed = too_much_for(facts, player, is_near=False, is_episode=ranked.question.is_episode) or 0
        whose = "most lines carry" if player.bandwidth_bps is None else "your line carries"
        yield f"about {needed / 1e6:.0f} Mbit a second, more than {whose}"
    if place.cinema:
        yield f"a {facts.quality} copy, so behind all proper ones"
    if place.not_ready:
        yield "has to be fetched first" if entry.source.ready is False else _shared(entry)
    if place.failing:
        yield f"{entry.offer.addon.name} has been failing ({entry.offer.addon.health.score} of 100)"
    if entry.is_late and entry.offer.begins_ms is not None:
        yield f"took {entry.offer.begins_ms / 1000:.0f} s to begin lately, so behind its equals"


def _for(entry: Entry, ranked: Ranked) -> Iterator[str]:
    facts, settings = entry.facts, ranked.settings
    if not entry.place.unliked and (settings.prefer or settings.prefer_patterns):
        yield "has what you prefer"
    if settings.languages and entry.place.language < len(settings.languages):
        yield f"in {settings.languages[entry.place.language]}, as you like it"
    if facts.resolution is not None:
        liked = " as you like it" if facts.resolution in settings.resolutions else ""
        yield f"{facts.resolution}p{liked}"
    if facts.quality in QUALITY_WORDS:
        yield QUALITY_WORDS[facts.quality]
    if entry.source.ready:
        yield "starts at once"
    elif entry.source.stream.kind == "torrent" and entry.source.seeders and not entry.place.not_ready:
        yield _shared(entry)


def _whose(entry: Entry, addons: int) -> Iterator[str]:
    addon = entry.offer.addon
    if addon.is_own:
        yield f"{addon.name} has it"
    elif addons > 1:
        yield f"{addon.name} is number {entry.offer.addon_place} of your {addons} addons"
    else:
        yield f"{addon.name} is your only addon for this"
    if not failing(addon.health) and addon.health.score is not None and not addon.is_own:
        yield f"it answers well ({addon.health.score} of 100)"
    yield f"number {entry.offer.place} in its list"
    names = dict.fromkeys(other.addon.name for other in entry.others)
    if elsewhere := [name for name in names if name != addon.name]:
        yield "also offered by " + ", ".join(elsewhere)


def _shared(entry: Entry) -> str:
    seeders = entry.source.seeders or 0
    return "shared by nobody" if seeders == 0 else f"shared by {seeders}"
