"""What goes over the wire, made from what the domain found."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from libs.addons.addon import OWN
from libs.addons.freshness import Freshness
from libs.common.clock import moment_of
from libs.common.contracts.addon_health import SourceHealth
from libs.common.contracts.catalog import (
    AddonSource,
    AddonState,
    AddonView,
    CatalogPage,
    SearchGroup,
    SearchPage,
    SourceProblem,
    TitlePage,
)
from libs.common.contracts.rows import RowName
from libs.common.contracts.titles import (
    FoundEntry,
    FoundTitle,
    TitleChoice,
    TitleWhy,
    WhyFact,
    WhyLink,
)
from libs.common.contracts.tmdb import ATTRIBUTION
from libs.common.errors import InvalidInput
from services.catalog.aggregate import Found, RowPage, Title, Told
from services.catalog.health.records import Told as ToldHealth
from services.catalog.identity.choices import Chosen
from services.catalog.identity.titles import Link
from services.catalog.identity.titles import Title as TitleOfEntries
from services.catalog.identity.why import SENTENCES
from services.catalog.listing import Listed
from services.catalog.merge import Merged
from services.catalog.metadata.failures import TMDB_NAME
from services.catalog.rows.row import AnyRow, RowOfSeveral
from services.catalog.titles import Explained, Place

MANIFEST_FRESHNESS = Freshness(60, 600, 86_400)
"""Of the merged manifest: changes made by hand are seen at once, those of an addon within a minute."""


LOCKED = AddonState(
    status="failing",
    error="The address of this addon can't be opened with the hub's secret key. "
    "Remove the addon and add it again.",
)
"""Of an addon whose stored address was sealed with another key."""


class SearchQuery(msgspec.Struct, frozen=True):
    """`types` limits the search to rows of these types."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    types: tuple[str, ...] = ()


class WhyQuery(msgspec.Struct, frozen=True):
    """The entry `type` and `id` as a search for `q` finds it; `other` asks about one more of its type."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    other: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None


class RowQuery(msgspec.Struct, frozen=True):
    """`type` is needed where rows of two types share an id. Any other parameter is an extra of the row."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    cursor: str | None = None
    skip: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None


class RefreshQuery(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50


def addon_view(addon: Listed, told: ToldHealth) -> AddonView:
    manifest, row = addon.manifest, addon.row
    return AddonView(
        id=addon.id,
        name=addon.name,
        manifest_name=manifest.name,
        version=manifest.version,
        description=manifest.description,
        logo=manifest.logo,
        address=masked(addon.transport_url),
        configure_url=_configure_url(addon),
        enabled=row.enabled,
        builtin=row.builtin,
        position=row.position,
        resources=tuple(resource.name for resource in manifest.resources),
        types=manifest.types,
        catalogs=len(manifest.catalogs),
        manifest_fetched_at=moment_of(row.manifest_fetched_at),
        manifest_error=row.manifest_error or None,
        state=LOCKED if addon.locked else told.state,
        health=told.health,
        trend=told.trend,
    )


def addon_source(addon: Listed, health: SourceHealth) -> AddonSource:
    return AddonSource(
        id=addon.id,
        key=addon.key,
        name=addon.name,
        transport_url=addon.transport_url,
        manifest=msgspec.Raw(addon.row.manifest),
        health=health,
    )


def catalog_page(page: RowPage) -> CatalogPage:
    return CatalogPage(
        row=page.row.view(),
        items=tuple(msgspec.Raw(item.raw) for item in page.items),
        next_cursor=None if page.next_skip is None else cursor_of(page.next_skip),
        problems=page.told.problems,
        cache=page.told.state,
    )


def title_page(title: Title) -> TitlePage:
    return TitlePage(
        meta=msgspec.Raw(title.meta),
        addon_id=title.addon.id if title.addon is not None else "",
        addon_name=title.addon.name if title.addon is not None else TMDB_NAME,
        problems=title.told.problems,
        attributions=(ATTRIBUTION,) if title.from_tmdb else (),
    )


def search_page(found: Found, merged: Merged) -> SearchPage:
    """What the members of a merged row found is one group, that row's."""
    whole = {row.shown.id: row for row in merged.rows if isinstance(row, RowOfSeveral)}
    groups: dict[RowName, tuple[AnyRow, list[msgspec.Raw]]] = {}
    for member, items in found.gathered.groups:
        row = whole.get(member.part_of or "", member)
        groups.setdefault(row.name, (row, []))[1].extend(msgspec.Raw(item.raw) for item in items)
    return SearchPage(
        groups=tuple(SearchGroup(row.view(), tuple(items)) for row, items in groups.values()),
        together=tuple(_found_title(title, places) for title, places in found.gathered.of_several),
        problems=found.told.problems,
    )


def title_why(found: Explained) -> TitleWhy:
    return TitleWhy(
        title_id=found.title.id,
        type=found.title.keys[0][0],
        entries=tuple(map(_found_entry, found.places)),
        together=tuple(map(_why_link, found.title.links)),
        apart=tuple(map(_why_link, found.apart)),
    )


def title_choice(chosen: Chosen) -> TitleChoice:
    return TitleChoice(
        type=chosen.kind,
        one=chosen.one,
        other=chosen.other,
        same=chosen.same,
        chosen_at=moment_of(chosen.at),
    )


def _found_title(title: TitleOfEntries, places: Iterable[Place]) -> FoundTitle:
    return FoundTitle(title_id=title.id, type=title.keys[0][0], entries=tuple(map(_found_entry, places)))


def _found_entry(place: Place) -> FoundEntry:
    return FoundEntry(
        type=place.row.own.type,
        id=place.entry.key[1],
        name=place.entry.written,
        addon_id=place.row.addon.id,
        addon_name=place.row.addon.name,
        row_id=place.row.shown.id,
        shown=place.shown,
    )


def _why_link(link: Link) -> WhyLink:
    return WhyLink(
        one=link.one[1],
        other=link.other[1],
        same=link.why.same,
        rule=link.why.rule,
        detail=SENTENCES[link.why.rule],
        score=link.why.score,
        facts=tuple(
            WhyFact(what=fact.what, one=fact.one, other=fact.other, says=fact.says) for fact in link.why.facts
        ),
    )


def stremio_page(page: RowPage) -> dict[str, object]:
    """The row as an addon answers it."""
    return {page.kind: [msgspec.Raw(item.raw) for item in page.items], **_bounds(page.told)}


def stremio_title(title: Title) -> dict[str, object]:
    return {"meta": msgspec.Raw(title.meta), **_bounds(title.told)}


def cache_headers(told: Told) -> dict[str, str]:
    """How long the answer holds, where it came from and which addons are missing from it."""
    headers = {**told.freshness.headers(), "X-Headgate-Cache": told.state}
    if told.problems:
        headers["X-Headgate-Partial"] = _missing(told.problems)
    return headers


def cursor_of(skip: int) -> str:
    return base64.urlsafe_b64encode(f"s{skip}".encode()).decode().rstrip("=")


def skip_of(cursor: str) -> int:
    """Raises InvalidInput for anything but a cursor we gave out."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        if text.startswith("s") and text[1:].isdigit() and len(text) < 9:
            return int(text[1:])
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise InvalidInput("This cursor is not one of ours.", fields={"cursor": "not valid"})


def masked(transport_url: str) -> str:
    """The address with everything hidden that may be a key: user, path and query."""
    for own, begins in OWN.items():
        if transport_url.startswith(begins):
            return own
    split = urlsplit(transport_url)
    if not split.hostname:
        return transport_url
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    port = f":{split.port}" if split.port else ""
    bare = split.path == "/manifest.json" and not split.query
    return f"{split.scheme}://{host}{port}/{'' if bare else '•••/'}manifest.json"


def _configure_url(addon: Listed) -> str | None:
    hints = addon.manifest.hints
    if addon.row.builtin or addon.locked or not (hints.configurable or hints.configuration_required):
        return None
    base, _, _ = addon.transport_url.partition("?")
    return f"{base.removesuffix('/manifest.json')}/configure"


def _bounds(told: Told) -> dict[str, object]:
    """The protocol's own fields, for clients that read the body instead of the header."""
    freshness = told.freshness
    return {
        "cacheMaxAge": freshness.max_age_s,
        "staleRevalidate": freshness.stale_s,
        "staleError": freshness.error_s,
    }


def _missing(problems: tuple[SourceProblem, ...]) -> str:
    return ",".join(dict.fromkeys(problem.addon_id for problem in problems))
