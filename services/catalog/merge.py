"""One manifest out of many, by the protocol's rules and under its size limit. Pure.

An addon without idPrefixes makes the merged resource answer all ids; an object resource inherits nothing,
so one without types adds nothing. Which addon is asked is decided per request by its own manifest, so the
union may promise more than one addon keeps, never less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from libs.common.contracts.catalog import ManifestReport, RowExtra, RowState, RowView
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
from services.catalog.model import RowKey, merged_id

MANIFEST_ID = "headgate"
MANIFEST_NAME = "Headgate"
MANIFEST_DESCRIPTION = "All your addons behind one address."

MERGED_RESOURCES = ("meta", "stream", "subtitles")
MAX_TYPES = 64
MAX_TYPE_CHARS = 100
"""Together they keep what the types cost far below the budget, whatever an addon claims."""

MAX_ROW_NAME_CHARS = 100

RULE = (
    "Stremio takes a manifest of at most 8 192 bytes. Hidden catalogs cost nothing. If the rest does not "
    "fit, the choices of every filter that a catalog can do without (genres, years or whatever its addon "
    "lists) are left out, from the last catalog upwards; a filter that is required keeps its choices. If "
    "that is not enough, whole catalogs are left out, from the last one upwards (first of all one that "
    "would take more than half of the room by itself). Catalogs stand in the order of your addons. Hide "
    "what you don't need, or move an addon up, to keep what you do."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A catalog in the merged manifest: `own` as its addon declares it, `shown` as players see it."""

    key: RowKey
    addon: Listed
    own: Catalog
    shown: Catalog
    included: bool
    state: RowState = "shown"

    @property
    def on_manifest(self) -> bool:
        return self.state in ("shown", "choices_dropped")

    def view(self) -> RowView:
        return RowView(
            id=self.shown.id,
            type=self.shown.type,
            name=self.shown.name,
            addon_id=self.addon.id,
            addon_name=self.addon.name,
            included=self.included,
            state=self.state,
            on_board=not any(extra.required for extra in self.own.extra),
            searchable=self.own.declares("search"),
            extras=tuple(
                RowExtra(name=e.name, required=e.required, options=e.options) for e in self.own.extra
            ),
            size_bytes=_size(self.shown),
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """The manifest players get and how every row fared, in manifest order."""

    body: bytes
    rows: tuple[Row, ...]
    budget_bytes: int

    def row(self, type_: str | None, row_id: str, kind: str = "catalog") -> Row | None:
        """The row of that id and type. Without a type, the only row of that id; None if there are several."""
        found = [
            row
            for row in self.rows
            if row.shown.id == row_id and row.key.kind == kind and type_ in (None, row.shown.type)
        ]
        return found[0] if len(found) == 1 else None

    @property
    def searchable(self) -> tuple[Row, ...]:
        """Rows to search: those the owner shows, also where the limit left no room for them."""
        return tuple(row for row in self.rows if row.included and row.own.declares("search"))

    def report(self) -> ManifestReport:
        return ManifestReport(
            size_bytes=len(self.body),
            budget_bytes=self.budget_bytes,
            rule=RULE,
            rows=tuple(row.view() for row in self.rows),
        )


def merge(
    addons: Sequence[Listed],
    choices: Mapping[RowKey, bool],
    *,
    revision: int,
    budget_bytes: int = MANIFEST_BUDGET_BYTES,
) -> Merged:
    """The merged manifest of enabled addons in their owner's order. `revision` becomes its version."""
    rows = _named(_rows(addons, choices))
    base = _base(addons, revision, rows, budget_bytes)
    rows = _fitted(rows, budget_bytes - len(render_manifest(base)))
    body = render_manifest(
        replace(base, catalogs=_kept(rows, "catalog"), addon_catalogs=_kept(rows, "addon_catalog"))
    )
    return Merged(body, tuple(rows), budget_bytes)


def _rows(addons: Iterable[Listed], choices: Mapping[RowKey, bool]) -> list[Row]:
    """Catalogs in the order of addons and manifests, addon catalogs after all of them."""
    found: dict[str, list[Row]] = {"catalog": [], "addon_catalog": []}
    for addon in addons:
        for kind, catalogs in (
            ("catalog", addon.manifest.catalogs),
            ("addon_catalog", addon.manifest.addon_catalogs),
        ):
            for own in filter(_reachable, catalogs):
                key = RowKey(addon.id, kind, own.type, own.id)
                included = choices.get(key, True)
                shown = replace(
                    own,
                    id=merged_id(addon.key, own.id),
                    extra=_paged(own.extra) if kind == "catalog" else own.extra,
                )
                state: RowState = "shown" if included else "hidden"
                found[kind].append(
                    Row(key=key, addon=addon, own=own, shown=shown, included=included, state=state)
                )
    return found["catalog"] + found["addon_catalog"]


def _reachable(catalog: Catalog) -> bool:
    """A path can't hold control characters, nor a type of dots alone."""
    controls = any(letter < " " or letter == "\x7f" for letter in catalog.type + catalog.id)
    return not controls and catalog.type not in (".", "..")


def _paged(extra: tuple[ExtraProperty, ...]) -> tuple[ExtraProperty, ...]:
    """Every row can be paged, since long answers are cut into pages here."""
    if any(declared.name == "skip" for declared in extra):
        return extra
    return (*extra, ExtraProperty("skip"))


def _named(rows: list[Row]) -> list[Row]:
    """Where two shown rows of a type would read the same, the addon's name is added to both."""
    said = Counter((row.key.kind, row.own.type, row.own.name.casefold()) for row in rows if row.included)
    named = []
    for row in rows:
        name = row.own.name[:MAX_ROW_NAME_CHARS]
        if said[row.key.kind, row.own.type, row.own.name.casefold()] > 1:
            name = f"{name} · {row.addon.name[:MAX_ROW_NAME_CHARS]}"
        named.append(replace(row, shown=replace(row.shown, name=name)))
    return named


def _base(addons: Sequence[Listed], revision: int, rows: Iterable[Row], budget_bytes: int) -> Manifest:
    """The merged manifest without its rows.

    Should the id prefixes alone take half the budget, all ids are promised instead, which stays true.
    """
    kinds = {row.key.kind for row in rows if row.included}
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
            epg_provider=any(row.included and row.addon.manifest.hints.epg_provider for row in rows),
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


def _fitted(rows: list[Row], room: int) -> list[Row]:
    """`RULE`, applied: the rows with their states after the budget has been kept."""
    # What a list of rows costs beside the rows: the member's name, and a comma for each row.
    room -= len(',"addonCatalogs":[]') if any(row.key.kind == "addon_catalog" for row in rows) else 0
    sizes = [_size(row.shown) + 1 if row.included else 0 for row in rows]
    fitted = list(rows)
    over = sum(sizes) - room
    for place in reversed(range(len(rows))):
        if over <= 0:
            return fitted
        plain = _without_choices(rows[place].shown)
        saved = sizes[place] - _size(plain) - 1
        if rows[place].included and saved > 0:
            fitted[place] = replace(rows[place], shown=plain, state="choices_dropped")
            sizes[place] -= saved
            over -= saved
    from_the_end = [place for place in reversed(range(len(rows))) if rows[place].included]
    # One giant must not push out everything after it.
    for place in sorted(from_the_end, key=lambda place: sizes[place] <= room // 2):
        if over <= 0:
            return fitted
        fitted[place] = replace(rows[place], state="left_out")
        over -= sizes[place]
    return fitted


def _without_choices(catalog: Catalog) -> Catalog:
    """Optional extras without their options. A required one is nothing without them."""
    return replace(
        catalog, extra=tuple(each if each.required else ExtraProperty(each.name) for each in catalog.extra)
    )


def _kept(rows: Iterable[Row], kind: str) -> tuple[Catalog, ...]:
    return tuple(row.shown for row in rows if row.key.kind == kind and row.on_manifest)


_EMPTY = Manifest(id="", name="", version="")
_EMPTY_SIZE = len(render_manifest(_EMPTY))


def _size(catalog: Catalog) -> int:
    """The bytes of one catalog in a rendered manifest, its comma not counted."""
    return len(render_manifest(replace(_EMPTY, catalogs=(catalog,)))) - _EMPTY_SIZE
