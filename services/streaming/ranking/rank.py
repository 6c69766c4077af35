"""All that addons offer for a video, put in order: each file once, the one to try first before all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import msgspec

from libs.addons.addon import LIBRARY
from libs.addons.items import Item
from libs.common.contracts.source_settings import SourceSettings
from libs.common.contracts.streaming import StreamFacts
from services.streaming.model import Addon, Offer
from services.streaming.ranking.bounded import MOST_SOURCES, Lists, longest
from services.streaming.ranking.places import (
    ANY_PLAYER,
    BEFORE_LATE,
    Place,
    Player,
    Standing,
    place_of,
    standing_of,
)
from services.streaming.ranking.question import (
    MOST_MISNAMED,
    Question,
    misnamed,
    wrong_part,
    wrong_year,
)
from services.streaming.ranking.sameness import groups
from services.streaming.ranking.understanding import Source, understood
from services.streaming.ranking.wishes import Wishes, text_of, unwanted, unwanted_text, wishes_of
from services.streaming.starts_model import NOTHING_KNOWN, StartTimes

MOST_STEPS: Final = 100_000_000
"""What looking for expressions may take of one answer: their steps for each letter of each source. That is a
third of a second of the worst that can be written, and a hundredth of that of what anybody means."""
NOT_LOOKED_THROUGH: Final = "your expressions are too large to be looked for in so many sources"
DEFAULTS: Final = SourceSettings()
FACTS: Final = StreamFacts.__struct_fields__


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: who offers it best, what all who do say of it, where it stands and who else has it.

    `is_late`: it stands behind another only because it takes longer to begin.
    """

    offer: Offer
    source: Source
    facts: StreamFacts
    place: Place
    others: tuple[Offer, ...] = ()
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    addon: Addon
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """`question`, `settings` and `player` are what it was made for."""

    entries: tuple[Entry, ...]
    dropped: tuple[Dropped, ...]
    question: Question
    settings: SourceSettings
    player: Player


class Ranking:
    def rank(
        self,
        lists: Lists,
        question: Question,
        settings: SourceSettings = DEFAULTS,
        player: Player = ANY_PLAYER,
        starts: StartTimes = NOTHING_KNOWN,
    ) -> Ranked:
        """The order is the same for the same answers, so that a page that is loaded again looks the same."""
        most = longest(lists)
        offered = tuple(_offered(lists, most, starts))
        wishes = wishes_of(settings)
        kept, dropped = _right_ones(offered, question) if settings.check_titles else (offered, [])
        kept, more, liked = _wanted(kept, wishes, question)
        sources = [source for _, source in kept]
        entries = sorted(
            (
                _entry([kept[at] for at in group], question, settings, player, liked)
                for group in groups(sources)
            ),
            key=lambda entry: entry.place,
        )
        within, beyond = _limited(_late_ones_marked(entries), settings)
        dropped = [*dropped, *more, *beyond, *_unread(lists, most)]
        return Ranked(tuple(within), tuple(dropped), question, settings, player)


_Offered = tuple[Offer, Source]


def read_ahead(items: Iterable[Item], addon_name: str) -> None:
    """So that ranking finds them understood."""
    for item in items:
        understood(item.raw, addon_name)


def _offered(lists: Lists, most: int, starts: StartTimes) -> Iterator[_Offered]:
    addon_place = 0
    for turn, (addon, items) in enumerate(lists, 1):
        addon_place += not addon.is_own
        for place, item in enumerate(items[:most], 1):
            source = understood(item.raw, addon.name)
            if source is not None:
                stream = source.stream
                sent = item if stream.raw == item.raw else Item(item.identity, stream.raw)
                own_place = 0 if addon.is_own else addon_place
                begins_ms = starts.ms(addon.id, stream.url)
                offer = Offer(addon, own_place, place, sent, stream=stream, turn=turn, begins_ms=begins_ms)
                yield offer, source


def _unread(lists: Lists, most: int) -> Iterator[Dropped]:
    for addon, items in lists:
        if len(items) > most:
            yield Dropped(
                addon, f"{len(items) - most:,} more", f"of all sources {MOST_SOURCES:,} are looked at"
            )


def _right_ones(offered: Sequence[_Offered], question: Question) -> tuple[Sequence[_Offered], list[Dropped]]:
    """Those that may be the video. Names are held against a source only where most agree with ours."""
    kept, dropped, named = [], [], []
    for offer, source in offered:
        release = source.release
        reason = wrong_part(release, question) or wrong_year(release, question)
        if reason is not None:
            dropped.append(_dropped(offer, source, reason))
        elif (reason := misnamed(release, question)) is not None:
            named.append((offer, source, reason))
        else:
            kept.append((offer, source))
    if not named or len(named) > MOST_MISNAMED * (len(named) + len(kept)):
        ours = {id(source) for _, source in kept} | {id(source) for _, source, _ in named}
        return [each for each in offered if id(each[1]) in ours], dropped
    return kept, [*dropped, *(_dropped(*each) for each in named)]


def _wanted(
    offered: Sequence[_Offered], wishes: Wishes, question: Question
) -> tuple[list[_Offered], list[Dropped], frozenset[int]]:
    """What is left, what isn't and why; and what of it its viewer prefers, by what it is to the interpreter.

    Nothing is let through unseen: what there are no steps left for is left out.
    """
    kept, dropped, liked = [], [], set()
    steps, looks, prefer = MOST_STEPS, wishes.looks_at_texts, wishes.prefer or None
    for offer, source in offered:
        reason = unwanted(source, wishes, is_episode=question.is_episode)
        if reason is None and looks:
            text = text_of(source)
            steps -= wishes.steps * len(text)
            reason = unwanted_text(text, wishes) if steps >= 0 else NOT_LOOKED_THROUGH
            if reason is None and prefer is not None and prefer.found_in(text) is not None:
                liked.add(id(source))
        if reason is None:
            kept.append((offer, source))
        else:
            dropped.append(_dropped(offer, source, reason))
    return kept, dropped, frozenset(liked)


def _dropped(offer: Offer, source: Source, reason: str) -> Dropped:
    return Dropped(offer.addon, source.stream.name, reason)


def _entry(
    group: Sequence[_Offered],
    question: Question,
    settings: SourceSettings,
    player: Player,
    liked: frozenset[int],
) -> Entry:
    if len(group) == 1:
        (offer, source), facts = group[0], group[0][1].facts
        best = _standing(offer, source)
        others: tuple[Offer, ...] = ()
    else:
        placed = sorted(((_standing(offer, source), offer, source) for offer, source in group), key=_first)
        best, offer, source = placed[0]
        facts = _together(source.facts for _, _, source in placed)
        others = tuple(other for _, other, _ in placed[1:])
    is_liked = bool(liked) and any(id(each) in liked for _, each in group)
    place = place_of(facts, best, settings, player, is_episode=question.is_episode, is_liked=is_liked)
    return Entry(offer, source, facts, place, others)


def _standing(offer: Offer, source: Source) -> Standing:
    return standing_of(
        source,
        offer.addon.health,
        is_near=_is_near(offer),
        begins_ms=offer.begins_ms,
        addon=offer.addon_place,
        item=offer.place,
    )


def _first(placed: tuple[Standing, Offer, Source]) -> Standing:
    return placed[0]


def _is_near(offer: Offer) -> bool:
    """Whether it is in the house or of an account of the owner's own."""
    addon, stream = offer.addon, offer.stream
    is_file = stream is not None and stream.kind == "url"
    return is_file and (addon.is_own or addon.transport_url.startswith(LIBRARY))


def _together(each: Iterable[StreamFacts]) -> StreamFacts:
    """What the first says, and of what it leaves open what the next says: they are one file."""
    first, *rest = each
    open_ones = [name for name in FACTS if not getattr(first, name)]
    found = {
        name: value
        for name in open_ones
        if (value := next((told for other in rest if (told := getattr(other, name))), None))
    }
    return msgspec.structs.replace(first, **found) if found else first


def _late_ones_marked(entries: Sequence[Entry]) -> Sequence[Entry]:
    if not any(entry.place.late for entry in entries):
        return entries
    marked: list[Entry] = []
    for _, alike in groupby(entries, key=lambda entry: entry.place[:BEFORE_LATE]):
        first, *rest = alike
        marked += [first, *(replace(each, is_late=each.place.late > first.place.late) for each in rest)]
    return marked


def _limited(entries: Sequence[Entry], settings: SourceSettings) -> tuple[list[Entry], list[Dropped]]:
    """At most so many of a resolution and of an addon, the best of each."""
    if settings.per_resolution is None and settings.per_addon is None:
        return list(entries), []
    within, beyond = [], []
    by_lines: Counter[int | None] = Counter()
    by_addon: Counter[str] = Counter()
    for entry in entries:
        lines, addon = entry.facts.resolution, entry.offer.addon
        reason = None
        if settings.per_addon is not None and by_addon[addon.id] >= settings.per_addon:
            reason = f"there are {settings.per_addon} of {addon.name} before it"
        elif settings.per_resolution is not None and by_lines[lines] >= settings.per_resolution:
            kind = f"{lines}p" if lines else "unknown quality"
            reason = f"there are {settings.per_resolution} in {kind} before it"
        if reason is None:
            by_lines[lines] += 1
            by_addon[addon.id] += 1
            within.append(entry)
        else:
            beyond.append(_dropped(entry.offer, entry.source, reason))
    return within, beyond
