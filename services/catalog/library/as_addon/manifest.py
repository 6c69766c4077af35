"""What the library's addon offers of what its owner has, in a part of what a manifest may weigh. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from libs.common.contracts.library import CategoryView, ItemKind
from libs.protocols.stremio.manifest import BehaviorHints, Catalog, ExtraProperty, Manifest, Resource
from services.catalog.library_model import PREFIX

ROWS: Final[tuple[tuple[ItemKind, str, str, str], ...]] = (
    ("channels", "tv", "channels", "Channels"),
    ("movies", "movie", "films", "Films"),
    ("series", "series", "series", "Series"),
)
NEW: Final[tuple[tuple[ItemKind, str, str, str], ...]] = (
    ("movies", "movie", "films-new", "New films"),
    ("series", "series", "series-new", "New series"),
)
OPTIONS_BYTES: Final = 800
"""Of one row: with three of them the addon stays below half of what a manifest may weigh in all."""
OPTION_CHARS: Final = 60

_SKIP: Final = ExtraProperty("skip")


def manifest_of(
    categories: Sequence[CategoryView], *, kinds: frozenset[ItemKind], has_guide: bool
) -> Manifest:
    """`kinds` are those of which the owner has any; rows of others are left out."""
    types = ("movie", "series", "tv")
    catalogs = [
        Catalog(type_, id_, name, _extras(kind, categories, has_guide=has_guide))
        for kind, type_, id_, name in ROWS
        if kind in kinds
    ]
    catalogs += [Catalog(type_, id_, name, (_SKIP,)) for kind, type_, id_, name in NEW if kind in kinds]
    return Manifest(
        id="headgate.library",
        name="Library",
        version="1.0.0",
        description="What your accounts at IPTV providers have.",
        types=types,
        resources=(
            Resource("catalog", types),
            Resource("meta", types, (PREFIX,)),
            Resource("stream", types, (PREFIX, "tt")),
        ),
        catalogs=tuple(catalogs),
        hints=BehaviorHints(epg_provider=has_guide and "channels" in kinds),
    )


def options_of(categories: Sequence[CategoryView], kind: ItemKind) -> dict[str, list[CategoryView]]:
    """Categories by name, the largest first: several accounts may call theirs alike."""
    named: dict[str, list[CategoryView]] = {}
    sizes: Counter[str] = Counter()
    for category in categories:
        if category.kind == kind and category.items and 0 < len(category.name) <= OPTION_CHARS:
            named.setdefault(category.name, []).append(category)
            sizes[category.name] += category.items
    return {name: named[name] for name, _ in sizes.most_common()}


def _extras(
    kind: ItemKind, categories: Sequence[CategoryView], *, has_guide: bool
) -> tuple[ExtraProperty, ...]:
    options = _fitting(options_of(categories, kind))
    extras = [ExtraProperty("genre", options=options)] if options else []
    extras += [ExtraProperty("search"), _SKIP]
    if kind == "channels" and has_guide:
        extras.append(ExtraProperty("date"))
    return tuple(extras)


def _fitting(options: Mapping[str, object]) -> tuple[str, ...]:
    """As many of the largest as fit, in the order of the alphabet."""
    chosen: list[str] = []
    left = OPTIONS_BYTES
    for name in options:
        left -= len(name.encode()) + len('"",')
        if left < 0:
            break
        chosen.append(name)
    return tuple(sorted(chosen))
