"""Items as people see them, with what stands around them: categories, terms, and what is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.library import ItemView, NowNext, ProgrammeView
from libs.protocols.imdb.ids import title_id
from services.catalog.library.shelves import Shelves
from services.catalog.library_model import KIND_NAMES, KINDS, Item, Provider, public_id
from services.catalog.store.library.guide import ChannelKey, GuideStore, Programme
from services.catalog.store.library.lists import ListStore
from services.catalog.store.library.shelves import Category

LAST_SECOND: Final = 253_402_300_799
"""What a datetime can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What views of items are made with. `genres` by all bits of an item, `episodes` are counts of seasons
    and episodes by series."""

    accounts: Mapping[int, str]
    languages: Mapping[int, str]
    genres: Mapping[int, tuple[str, ...]]
    at: int
    categories: Mapping[int, Category] = field(default_factory=dict)
    programmes: Mapping[ChannelKey, Sequence[Programme]] = field(default_factory=dict)
    episodes: Mapping[int, tuple[int, int]] = field(default_factory=dict)


class Views:
    """Reads what is around items, in one query of each sort for a whole page."""

    def __init__(self, shelves: Shelves, lists: ListStore, guide: GuideStore, clock: Clock) -> None:
        self._shelves = shelves
        self._lists = lists
        self._guide = guide
        self._clock = clock

    async def of(self, providers: Sequence[Provider], items: Sequence[Item]) -> tuple[ItemView, ...]:
        """In their order. `providers` are those of whom the items are, or more."""
        around = await self.around(providers, items)
        return tuple(item_view(item, around) for item in items)

    async def around(self, providers: Sequence[Provider], items: Sequence[Item]) -> Around:
        among = {item.provider for item in items}
        theirs = [each for each in providers if each.number in among]
        shelves = await self._shelves.of(theirs)
        at = int(self._clock.now().timestamp())
        channels = [(item.provider, item.guide_id) for item in items if item.guide_id]
        series = [item.id for item in items if item.kind == KINDS["series"]]
        terms = await self._shelves.terms(items)
        return Around(
            accounts={each.number: each.id for each in theirs},
            languages=terms.languages,
            genres={mask: terms.named(mask) for mask in {item.genres for item in items}},
            at=at,
            categories={
                item.category: category
                for item in items
                if (category := shelves[item.provider].categories.get(item.category)) is not None
            },
            programmes=await self._guide.now_and_next(channels, at=at),
            episodes=await self._lists.episode_counts(series),
        )


def item_view(item: Item, around: Around) -> ItemView:
    more = item.told()
    category = around.categories.get(item.category)
    seasons, episodes = around.episodes.get(item.id, (None, None))
    on = around.programmes.get((item.provider, item.guide_id), ())
    return ItemView(
        id=public_id(item.id),
        kind=KIND_NAMES[item.kind],
        account_id=around.accounts[item.provider],
        title=item.title,
        listed_as=item.name,
        added_at=moment(item.added) if item.added > 0 else None,
        category_id=None if category is None else public_id(category.id),
        category="" if category is None else category.name,
        picture=item.icon,
        year=item.year,
        rating=None if item.rating is None else item.rating / 10,
        language=around.languages.get(item.language, ""),
        genres=around.genres[item.genres],
        imdb_id=None if item.match_imdb is None else title_id(item.match_imdb),
        tmdb_id=item.tmdb,
        is_favourite=item.is_favourite,
        number=more.number if item.kind == KINDS["channels"] else None,
        guide_id=item.guide_id,
        archive_days=more.archive_days,
        is_radio=more.is_radio,
        now=_on(on, around.at, now=True),
        next=_on(on, around.at, now=False),
        seasons=seasons,
        episodes=episodes,
    )


def programme_view(programme: Programme) -> ProgrammeView:
    return ProgrammeView(
        start=moment(programme.start),
        stop=moment(programme.stop),
        title=programme.title,
        subtitle=programme.subtitle,
        plot=programme.plot,
        categories=programme.categories,
        season=programme.season,
        episode=programme.episode,
    )


def moment(at_s: int) -> datetime:
    return datetime.fromtimestamp(min(max(at_s, 0), LAST_SECOND), UTC)


def _on(programmes: Sequence[Programme], at: int, *, now: bool) -> NowNext | None:
    for each in programmes:
        if (each.start <= at < each.stop) if now else each.start > at:
            return NowNext(title=each.title, start=moment(each.start), stop=moment(each.stop))
    return None
