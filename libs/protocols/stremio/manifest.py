"""Manifests: read tolerantly from any addon, written strictly for any client."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from libs.protocols.stremio.errors import ManifestError
from libs.protocols.stremio.paths import Extra
from libs.protocols.stremio.reading import decode, flag, is_html, text, texts, whole

MANIFEST_BUDGET_BYTES: Final = 8192
"""Above this an addon cannot sync to a Stremio account: the SDK throws, the app shows ADDON_PUSH_FAILED."""

MAX_MANIFEST_BYTES: Final = 100 * 1024
MAX_ID_CHARS: Final = 100
MAX_NAME_CHARS: Final = 200
MAX_DESCRIPTION_CHARS: Final = 5000
MAX_CATALOGS: Final = 1000
MAX_OPTIONS: Final = 1000
"""Of one extra; the budget decides how many of them are passed on."""

CATALOG_RESOURCES: Final = ("catalog", "addon_catalog")
"""Matched on type, id and extras; idPrefixes say nothing about them."""

# semver.org's own expression, without its named groups.
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class ExtraProperty:
    """A parameter a catalog takes."""

    name: str
    required: bool = False
    options: tuple[str, ...] = ()
    options_limit: int = 1


@dataclass(frozen=True, slots=True)
class Catalog:
    """A row an addon offers. Its identity within the addon is (type, id)."""

    type: str
    id: str
    name: str
    extra: tuple[ExtraProperty, ...] = ()

    def declares(self, name: str) -> bool:
        return any(declared.name == name for declared in self.extra)

    def allows(self, extra: Extra) -> bool:
        """Whether the protocol permits this question: all extras declared, all required ones there."""
        given = {name for name, _ in extra}
        declared = {property_.name for property_ in self.extra}
        return given <= declared and all(
            property_.name in given for property_ in self.extra if property_.required
        )


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource an addon answers. `id_prefixes` None means all ids, empty means none."""

    name: str
    types: tuple[str, ...]
    id_prefixes: tuple[str, ...] | None = None

    def takes(self, type_: str, id_: str) -> bool:
        return type_ in self.types and (self.id_prefixes is None or id_.startswith(self.id_prefixes))


@dataclass(frozen=True, slots=True)
class BehaviorHints:
    adult: bool = False
    p2p: bool = False
    configurable: bool = False
    configuration_required: bool = False
    epg_provider: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an addon says it can do. Each resource name stands once and carries its own rules."""

    id: str
    name: str
    version: str
    description: str = ""
    types: tuple[str, ...] = ()
    id_prefixes: tuple[str, ...] | None = None
    resources: tuple[Resource, ...] = ()
    catalogs: tuple[Catalog, ...] = ()
    addon_catalogs: tuple[Catalog, ...] = ()
    logo: str | None = None
    background: str | None = None
    contact_email: str | None = None
    hints: BehaviorHints = field(default_factory=BehaviorHints)

    def resource(self, name: str) -> Resource | None:
        return next((resource for resource in self.resources if resource.name == name), None)

    def supports(self, resource: str, type_: str, id_: str) -> bool:
        """Whether this addon may be asked. Catalogs are told apart by type and id alone."""
        if resource == "catalog":
            return self.catalog(type_, id_) is not None
        if resource == "addon_catalog":
            return self.addon_catalog(type_, id_) is not None
        entry = self.resource(resource)
        return entry is not None and entry.takes(type_, id_)

    def catalog(self, type_: str, id_: str) -> Catalog | None:
        return _find(self.catalogs, type_, id_)

    def addon_catalog(self, type_: str, id_: str) -> Catalog | None:
        return _find(self.addon_catalogs, type_, id_)


def parse_manifest(body: bytes) -> Manifest:
    """Reads what addons really send. Raises ManifestError where Stremio itself could do nothing with it.

    Odd members are dropped one by one; only the id, the name, a semantic version and the list of
    resources are indispensable.
    """
    members = _members(body)
    types = texts(members.get("types"))
    prefixes = _prefixes(members)
    return Manifest(
        id=_required(members, "id", MAX_ID_CHARS),
        name=_required(members, "name", None)[:MAX_NAME_CHARS],
        version=_version(members),
        description=(text(members.get("description")) or "")[:MAX_DESCRIPTION_CHARS],
        types=types,
        id_prefixes=prefixes,
        resources=_resources(members.get("resources"), types, prefixes),
        catalogs=_catalogs(members.get("catalogs")),
        addon_catalogs=_catalogs(members.get("addonCatalogs")),
        logo=_url(members.get("logo")),
        background=_url(members.get("background")),
        contact_email=text(members.get("contactEmail")),
        hints=_hints(members.get("behaviorHints")),
    )


def render_manifest(manifest: Manifest) -> bytes:
    """The strictest and shortest form; compare its length with MANIFEST_BUDGET_BYTES."""
    members: JsonObject = {
        "id": manifest.id,
        "version": manifest.version,
        "name": manifest.name,
        "description": manifest.description,
        "types": manifest.types,
        "resources": [_render_resource(resource, manifest) for resource in manifest.resources],
        "catalogs": [_render_catalog(catalog) for catalog in manifest.catalogs],
    }
    optional: JsonObject = {
        "idPrefixes": manifest.id_prefixes,
        "addonCatalogs": [_render_catalog(catalog) for catalog in manifest.addon_catalogs] or None,
        "logo": manifest.logo,
        "background": manifest.background,
        "contactEmail": manifest.contact_email,
        "behaviorHints": _render_hints(manifest.hints) or None,
    }
    members.update((name, value) for name, value in optional.items() if value is not None)
    return msgspec.json.encode(members)


def is_semver(version: str) -> bool:
    return _SEMVER.fullmatch(version) is not None


def _members(body: bytes) -> JsonObject:
    if len(body) > MAX_MANIFEST_BYTES:
        raise ManifestError("The manifest is larger than 100 kB.", reason="too_large")
    try:
        decoded = decode(body, object)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        if is_html(body):
            raise ManifestError(
                "The address answers with a web page, not a manifest.", reason="html"
            ) from error
        raise ManifestError("The address does not answer with JSON.", reason="not_json") from error
    if not isinstance(decoded, dict):
        raise ManifestError("The manifest is not a JSON object.")
    return decoded


def _required(members: JsonObject, name: str, max_chars: int | None) -> str:
    value = text(members.get(name))
    if not value:
        raise ManifestError(f"The manifest has no {name}.")
    if max_chars is not None and len(value) > max_chars:
        raise ManifestError(f"The manifest's {name} is longer than {max_chars} characters.")
    return value


def _version(members: JsonObject) -> str:
    version = _required(members, "version", MAX_NAME_CHARS)
    if not is_semver(version):
        raise ManifestError("The manifest's version is not a semantic version such as 1.0.0.")
    return version


def _prefixes(members: JsonObject) -> tuple[str, ...] | None:
    """Null reads as absent; a lone text as a list of one."""
    value = members.get("idPrefixes")
    if isinstance(value, str):
        return (value,)
    return texts(value) if isinstance(value, list) else None


def _resources(
    value: object, types: tuple[str, ...], prefixes: tuple[str, ...] | None
) -> tuple[Resource, ...]:
    """Only a text inherits the manifest's types and prefixes; of a repeated name the first entry counts."""
    if not isinstance(value, list):
        raise ManifestError("The manifest has no list of resources.")
    found: dict[str, Resource] = {}
    for entry in value:
        if isinstance(entry, str) and entry:
            found.setdefault(entry, Resource(entry, types, prefixes))
        elif isinstance(entry, dict) and (name := text(entry.get("name"))):
            found.setdefault(name, Resource(name, texts(entry.get("types")), _prefixes(entry)))
    return tuple(found.values())


def _catalogs(value: object) -> tuple[Catalog, ...]:
    """Of two catalogs with the same type and id the first counts."""
    found: dict[tuple[str, str], Catalog] = {}
    for entry in value if isinstance(value, list) else ():
        if not isinstance(entry, dict):
            continue
        type_, id_ = text(entry.get("type")), text(entry.get("id"))
        if type_ and id_ and len(found) < MAX_CATALOGS:
            name = (text(entry.get("name")) or id_)[:MAX_NAME_CHARS]
            found.setdefault((type_, id_), Catalog(type_, id_, name, _extra(entry)))
    return tuple(found.values())


def _extra(entry: JsonObject) -> tuple[ExtraProperty, ...]:
    value = entry.get("extra")
    declared = [_extra_property(item) for item in value] if isinstance(value, list) else _legacy_extra(entry)
    found: dict[str, ExtraProperty] = {}
    for property_ in declared:
        if property_ is not None:
            found.setdefault(property_.name, property_)
    return tuple(found.values())


def _extra_property(item: object) -> ExtraProperty | None:
    if isinstance(item, str) and item:
        return ExtraProperty(item)
    if not isinstance(item, dict) or not (name := text(item.get("name"))):
        return None
    if name == "skip":
        # The core does the same: a paging extra with options or a demand makes no sense.
        return ExtraProperty("skip")
    options = texts(item.get("options"))[:MAX_OPTIONS]
    limit = max(1, whole(item.get("optionsLimit")) or 1)
    return ExtraProperty(name, flag(item.get("isRequired")), options, limit)


def _legacy_extra(entry: JsonObject) -> Sequence[ExtraProperty | None]:
    """`extraSupported` and `extraRequired`; genre options stood beside them in `genres`."""
    required = texts(entry.get("extraRequired"))
    genres = texts(entry.get("genres"))[:MAX_OPTIONS]
    return [
        ExtraProperty(name, name in required and name != "skip", genres if name == "genre" else ())
        for name in (*texts(entry.get("extraSupported")), *required)
    ]


def _hints(value: object) -> BehaviorHints:
    hints = value if isinstance(value, dict) else {}
    return BehaviorHints(
        adult=flag(hints.get("adult")),
        p2p=flag(hints.get("p2p")),
        configurable=flag(hints.get("configurable")),
        configuration_required=flag(hints.get("configurationRequired")),
        epg_provider=flag(hints.get("epgProvider")),
    )


def _url(value: object) -> str | None:
    """A picture's address; a bad one costs the picture, not the addon."""
    address = text(value)
    return address if address and address.startswith(("https://", "http://", "data:image/")) else None


def _find(catalogs: Sequence[Catalog], type_: str, id_: str) -> Catalog | None:
    return next((catalog for catalog in catalogs if catalog.type == type_ and catalog.id == id_), None)


def _render_resource(resource: Resource, manifest: Manifest) -> str | JsonObject:
    inherits = resource.types == manifest.types and resource.id_prefixes == manifest.id_prefixes
    if inherits or resource.name in CATALOG_RESOURCES:
        return resource.name
    members: JsonObject = {"name": resource.name, "types": resource.types}
    if resource.id_prefixes is not None:
        members["idPrefixes"] = resource.id_prefixes
    return members


def _render_catalog(catalog: Catalog) -> JsonObject:
    members: JsonObject = {"type": catalog.type, "id": catalog.id, "name": catalog.name}
    if catalog.extra:
        members["extra"] = [_render_extra(property_) for property_ in catalog.extra]
    return members


def _render_extra(property_: ExtraProperty) -> JsonObject:
    members: JsonObject = {"name": property_.name}
    if property_.required:
        members["isRequired"] = True
    if property_.options:
        members["options"] = property_.options
    if property_.options_limit != 1:
        members["optionsLimit"] = property_.options_limit
    return members


def _render_hints(hints: BehaviorHints) -> JsonObject:
    named = {
        "adult": hints.adult,
        "p2p": hints.p2p,
        "configurable": hints.configurable,
        "configurationRequired": hints.configuration_required,
        "epgProvider": hints.epg_provider,
    }
    return {name: True for name, value in named.items() if value}
