"""What a search found about one title: where else it is, what looks like it, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, urlencode

from libs.common.contracts.catalog import SearchPage
from libs.common.contracts.titles import FoundEntry, FoundTitle, TitleWhy, WhyFact, WhyLink
from services.gateway.pages.read import read_label, title_href

MOST_OTHERS: Final = 100
"""Other finds to choose from: more of them is a search to be worded better."""
CHOSEN: Final = "chosen"
"""The rule of what the owner said."""

WHAT_WORDS: Final[Mapping[str, str]] = {
    "kind": "Kind",
    "imdb": "IMDb",
    "tmdb": "TMDB",
    "tvdb": "TheTVDB",
    "kitsu": "Kitsu",
    "mal": "MyAnimeList",
    "anilist": "AniList",
    "anidb": "AniDB",
    "name": "Name",
    "year": "Year",
    "genres": "Genres",
    "people": "People",
    "runtime_min": "Minutes",
}

Say = Literal["same", "apart", "undo"]


@dataclass(frozen=True, slots=True)
class Fact:
    what: str
    one: str
    other: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An entry beside the title of the page, why it is that title or is not, and what can be said of it.

    `one` and `other` are the pair that is said something about.
    """

    id: str
    name: str
    addon_names: str
    href: str
    why: str
    facts: tuple[Fact, ...]
    is_chosen: bool
    one: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTitle:
    """`same_id` are the addons that have it under the id of the page."""

    query: str
    same_id: tuple[str, ...] = ()
    together: tuple[Decided, ...] = ()
    apart: tuple[Decided, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    late: bool = False


def also_in(together: Iterable[FoundTitle]) -> dict[str, str]:
    """By the address of each card that is shown: the other addons that have its title, as a list in words."""
    found: dict[str, str] = {}
    for title in together:
        for entry in title.entries:
            others = dict.fromkeys(
                each.addon_name for each in title.entries if each.addon_id != entry.addon_id
            )
            if entry.shown and others:
                found[title_href(entry.type, entry.id)] = ", ".join(others)
    return found


def found_by(href: str, query: str) -> str:
    """The address of a title for somebody who comes from a search."""
    return f"{href}?{urlencode({'q': query}, quote_via=quote)}"


def one_title(query: str, title_id: str, why: TitleWhy, found: SearchPage) -> OneTitle:
    names = _names(found, why)
    own = tuple(dict.fromkeys(entry.addon_name for entry in why.entries if entry.id == title_id))
    beside = dict.fromkeys(entry.id for entry in why.entries if entry.id != title_id)
    within = {title_id, *beside}
    together = tuple(
        _decided(id_, why.type, link, names, query, pair=(title_id, id_))
        for id_ in beside
        if (link := _link_of(id_, title_id, why.together)) is not None
    )
    apart = tuple(
        _decided(outside, why.type, link, names, query, pair=(title_id, outside))
        for outside, link in _outside(why.apart, within)
    )
    near = within | {each.id for each in apart}
    others = tuple(
        (id_, f"{name} · {addon_names}")
        for (kind, id_), (name, addon_names) in names.items()
        if kind == why.type and id_ not in near
    )
    return OneTitle(query=query, same_id=own, together=together, apart=apart, others=others[:MOST_OTHERS])


def _decided(
    id_: str,
    type_: str,
    link: WhyLink,
    names: Mapping[tuple[str, str], tuple[str, str]],
    query: str,
    *,
    pair: tuple[str, str],
) -> Decided:
    chosen = link.rule == CHOSEN
    one, other = (link.one, link.other) if chosen else pair
    name, addon_names = names.get((type_, id_), (id_, ""))
    return Decided(
        id=id_,
        name=name,
        addon_names=addon_names,
        href=found_by(title_href(type_, id_), query),
        why=link.detail,
        facts=tuple(map(_fact, link.facts)),
        is_chosen=chosen,
        one=one,
        other=other,
    )


def _fact(fact: WhyFact) -> Fact:
    return Fact(WHAT_WORDS.get(fact.what, fact.what), fact.one, fact.other, fact.says)


def _link_of(id_: str, title_id: str, links: Sequence[WhyLink]) -> WhyLink | None:
    """What ties an entry to the title: to the entry of the page if it came in so, else to another."""
    touching = [link for link in links if id_ in (link.one, link.other)]
    direct = (link for link in touching if title_id in (link.one, link.other))
    return next(direct, touching[0] if touching else None)


def _outside(links: Iterable[WhyLink], within: set[str]) -> Iterator[tuple[str, WhyLink]]:
    """What stayed outside, each once; what was said of it counts more than what was found."""
    by_id: dict[str, WhyLink] = {}
    for link in sorted(links, key=lambda link: link.rule != CHOSEN):
        by_id.setdefault(link.other if link.one in within else link.one, link)
    yield from by_id.items()


def _names(found: SearchPage, why: TitleWhy) -> dict[tuple[str, str], tuple[str, str]]:
    """Name and addons of everything found, by kind and id. What isn't shown was found twice."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for group in found.groups:
        for raw in group.items:
            label = read_label(raw, group.row.type)
            names[label.type.casefold(), label.id] = label.words, group.row.addon_name
    titles = [(title.type, title.entries) for title in found.together]
    for kind, entries in (*titles, (why.type, why.entries)):
        for id_, same in _by_id(entries).items():
            name, _ = names.get((kind, id_), (same[0].name, ""))
            addon_names = ", ".join(dict.fromkeys(entry.addon_name for entry in same))
            names[kind, id_] = name, addon_names
    return names


def _by_id(entries: Iterable[FoundEntry]) -> dict[str, list[FoundEntry]]:
    found: dict[str, list[FoundEntry]] = {}
    for entry in entries:
        found.setdefault(entry.id, []).append(entry)
    return found
