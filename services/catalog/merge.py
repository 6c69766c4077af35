"""One manifest out of many, by the protocol's rules and under its size limit. Pure.

An addon without idPrefixes makes the merged resource answer all ids; an object resource inherits nothing,
so one without types adds nothing. Which addon is asked is decided per request by its own manifest, so the
union may promise more than one addon keeps, never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from libs.common.contracts.rows import ManifestReport
from libs.protocols.stremio.manifest import (
    MANIFEST_BUDGET_BYTES,
    BehaviorHints,
    Catalog,
    ExtraProperty,
    Manifest,
    Resource,
    render_manifest,
)
from services.catalog.listing import Listed
from services.catalog.model import Arrangement
from services.catalog.rows.arrange import arranged
from services.catalog.rows.row import AnyRow, Row, RowOfSeveral, size_of

MANIFEST_ID = "headgate"
MANIFEST_NAME = "Headgate"
MANIFEST_DESCRIPTION = "All your addons behind one address."

MERGED_RESOURCES = ("meta", "stream", "subtitles")
MAX_TYPES = 64
MAX_TYPE_CHARS = 100
"""Together they keep what the types cost far below the budget, whatever an addon claims."""

RULE = (
    "Stremio takes a manifest of at most 8 192 bytes. Hidden rows, and rows that are part of a merged one, "
    "cost nothing. If the rest does not fit, the choices of every filter that a row can do without (genres, "
    "years or whatever its addon lists) are left out, from the last row upwards; a filter that is required "
    "keeps its choices. If that is not enough, whole rows are left out, from the last one upwards (first of "
    "all one that would take more than half of the room by itself). Rows stand in your order, new ones "
    "after them in the order of your addons. Hide or merge what you don't need, or move up what you do."
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The manifest players get and how every row fared, in manifest order."""

    body: bytes
    rows: tuple[AnyRow, ...]
    budget_bytes: int

    def row(self, type_: str | None, row_id: str, kind: str = "catalog") -> AnyRow | None:
        """The row of that id and type. Without a type, the only row of that id; None if there are several."""
        found = [
            row
            for row in self.rows
            if row.shown.id == row_id and row.kind == kind and type_ in (None, row.shown.type)
        ]
        return found[0] if len(found) == 1 else None

    @property
    def searchable(self) -> tuple[Row, ...]:
        """Rows to search: those the owner shows, also where the limit left no room for them.

        In the place of a merged row stand its members.
        """
        return tuple(self._searchable())

    def _searchable(self) -> Iterator[Row]:
        for row in self.rows:
            if row.stands and row.choice.searchable:
                members = row.members if isinstance(row, RowOfSeveral) else (row,)
                yield from (member for member in members if member.searchable)

    def report(self) -> ManifestReport:
        return ManifestReport(
            size_bytes=len(self.body),
            budget_bytes=self.budget_bytes,
            rule=RULE,
            rows=tuple(row.view() for row in self.rows),
        )


def merge(
    addons: Sequence[Listed],
    arrangement: Arrangement,
    *,
    revision: int,
    budget_bytes: int = MANIFEST_BUDGET_BYTES,
) -> Merged:
    """The merged manifest of enabled addons in their owner's order. `revision` becomes its version."""
    rows = arranged(addons, arrangement)
    base = _base(addons, revision, rows, budget_bytes)
    rows = _fitted(rows, budget_bytes - len(render_manifest(base)))
    body = render_manifest(
        replace(base, catalogs=_kept(rows, "catalog"), addon_catalogs=_kept(rows, "addon_catalog"))
    )
    return Merged(body, tuple(rows), budget_bytes)


def _base(addons: Sequence[Listed], revision: int, rows: Iterable[AnyRow], budget_bytes: int) -> Manifest:
    """The merged manifest without its rows.

    Should the id prefixes alone take half the budget, all ids are promised instead, which stays true.
    """
    kinds = {row.kind for row in rows if row.stands}
    served = [_merged_resource(name, addons) for name in MERGED_RESOURCES]
    resources = tuple(resource for resource in served if resource is not None)
    types = _types(type_ for addon in addons for type_ in _all_types(addon.manifest))
    base = Manifest(
        id=MANIFEST_ID,
        name=MANIFEST_NAME,
        version=f"1.{revision}.0",
        description=MANIFEST_DESCRIPTION,
        types=types,
        resources=(
            *(Resource(kind, types) for kind in ("catalog",) if kind in kinds),
            *resources,
            *(Resource(kind, types) for kind in ("addon_catalog",) if kind in kinds),
        ),
        hints=BehaviorHints(
            adult=any(addon.manifest.hints.adult for addon in addons),
            p2p=any(addon.manifest.hints.p2p for addon in addons),
            configurable=True,
            epg_provider=any(
                isinstance(row, Row) and row.stands and row.addon.manifest.hints.epg_provider for row in rows
            ),
        ),
    )
    if len(render_manifest(base)) > budget_bytes // 2:
        return replace(base, resources=tuple(Resource(each.name, types) for each in base.resources))
    return base


def _merged_resource(name: str, addons: Iterable[Listed]) -> Resource | None:
    types: list[str] = []
    prefixes: list[str] | None = []
    for addon in addons:
        resource = addon.manifest.resource(name)
        if resource is None or not resource.types or resource.id_prefixes == ():
            continue
        types.extend(resource.types)
        if resource.id_prefixes is None:
            prefixes = None
        elif prefixes is not None:
            prefixes.extend(resource.id_prefixes)
    if not types:
        return None
    return Resource(name, _types(types), None if prefixes is None else tuple(dict.fromkeys(prefixes)))


def _all_types(manifest: Manifest) -> Iterable[str]:
    yield from manifest.types
    for resource in manifest.resources:
        yield from resource.types
    for catalog in manifest.catalogs:
        yield catalog.type


def _types(types: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(type_ for type_ in types if len(type_) <= MAX_TYPE_CHARS))[:MAX_TYPES]


def _fitted(rows: list[AnyRow], room: int) -> list[AnyRow]:
    """`RULE`, applied: the rows with their states after the budget has been kept."""
    # What a list of rows costs beside the rows: the member's name, and a comma for each row.
    room -= len(',"addonCatalogs":[]') if any(row.kind == "addon_catalog" for row in rows) else 0
    sizes = [size_of(row.shown) + 1 if row.stands else 0 for row in rows]
    left = list(rows)
    over = sum(sizes) - room
    for place in reversed(range(len(rows))):
        if over <= 0:
            return left
        plain = _without_choices(rows[place].shown)
        saved = sizes[place] - size_of(plain) - 1
        if rows[place].stands and saved > 0:
            left[place] = replace(rows[place], shown=plain, state="choices_dropped")
            sizes[place] -= saved
            over -= saved
    from_the_end = [place for place in reversed(range(len(rows))) if rows[place].stands]
    # One giant must not push out everything after it.
    for place in sorted(from_the_end, key=lambda place: sizes[place] <= room // 2):
        if over <= 0:
            return left
        left[place] = replace(rows[place], state="left_out")
        over -= sizes[place]
    return left


def _without_choices(catalog: Catalog) -> Catalog:
    """Optional extras without their options. A required one is nothing without them."""
    return replace(
        catalog, extra=tuple(each if each.required else ExtraProperty(each.name) for each in catalog.extra)
    )


def _kept(rows: Iterable[AnyRow], kind: str) -> tuple[Catalog, ...]:
    return tuple(row.shown for row in rows if row.kind == kind and row.on_manifest)
