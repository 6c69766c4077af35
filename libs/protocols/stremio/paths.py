"""Addresses of the protocol: resource paths parsed from their raw form, and transport URLs."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote_to_bytes, urlsplit, urlunsplit

from libs.protocols.stremio.errors import InvalidPath, InvalidTransportUrl

Extra = tuple[tuple[str, str], ...]

MAX_PATH_CHARS = 8190
"""aiohttp's and nginx's own bound on a request line."""

_UNESCAPED = "-_.!~*'()"
"""What encodeURIComponent leaves bare (ECMA-262), letters and digits aside."""

_MANIFEST = "/manifest.json"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """What is asked of an addon, decoded. `extra` keeps order and repeated keys."""

    resource: str
    type: str
    id: str
    extra: Extra = ()


def parse_resource_path(raw_tail: str) -> ResourcePath:
    """Reads `catalog/movie/top/genre=Action&skip=100.json` as it came over the wire.

    Separators are found before anything is decoded, since an encoded `/`, `&` or `=` belongs to a
    value. A percent sign that starts no escape stays as it is. Raises InvalidPath.
    """
    tail = raw_tail.removeprefix("/")
    if len(tail) > MAX_PATH_CHARS:
        raise InvalidPath("The address is too long.")
    if not tail.endswith(".json"):
        raise InvalidPath("The address does not end in .json.")
    parts = tail.removesuffix(".json").split("/")
    if len(parts) not in (3, 4):
        raise InvalidPath("The address is not /resource/type/id.json.")
    resource, type_, id_ = (_decode(part) for part in parts[:3])
    if not (resource and type_ and id_) or {".", ".."} & {type_, id_}:
        raise InvalidPath("The address is not /resource/type/id.json.")
    return ResourcePath(resource, type_, id_, _parse_extra(parts[3]) if len(parts) == 4 else ())


def encode_resource_path(path: ResourcePath) -> str:
    """The path below an addon's base, each part escaped in the encodeURIComponent manner."""
    parts = [path.resource, encode_component(path.type), encode_component(path.id)]
    if path.extra:
        parts.append(_encode_extra(path.extra))
    return "/".join(parts) + ".json"


def canonical_key(path: ResourcePath) -> str:
    """One text per question: extras sorted by name, values of a repeated name in their order.

    Every part is escaped, so two different questions cannot share a key.
    """
    ordered = tuple(sorted(path.extra, key=lambda pair: pair[0]))
    return encode_resource_path(ResourcePath(encode_component(path.resource), path.type, path.id, ordered))


def encode_component(text: str) -> str:
    return quote(text, safe=_UNESCAPED, errors="replace")


def normalise_transport_url(text: str) -> str:
    """The manifest address meant by what a user pasted. Raises InvalidTransportUrl.

    Takes install links (`stremio://`), configure pages, bare hosts, addresses without
    `/manifest.json` and links to Stremio's web page. Path and query stay byte for byte, since they
    carry configuration; only scheme, host and default port are brought to one form.
    """
    split = _split(_unwrap(text.strip()))
    scheme, host = _origin(split)
    path = quote(split.path, safe="/%:@!$&'()*+,;=~-._|").rstrip("/")
    path = path.removesuffix("/configure")
    if not path.endswith(_MANIFEST):
        path += _MANIFEST
    return urlunsplit((scheme, host, path, quote(split.query, safe="%/:@!$&'()*+,;=~-._?|"), ""))


def resource_url(transport_url: str, path: ResourcePath) -> str:
    """Where an addon answers `path`: the manifest's address with its last segment replaced."""
    base, _, query = transport_url.partition("?")
    url = f"{base.removesuffix(_MANIFEST)}/{encode_resource_path(path)}"
    return f"{url}?{query}" if query else url


def _decode(raw: str) -> str:
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeError as error:
        raise InvalidPath("The address is not UTF-8.") from error
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise InvalidPath("The address holds control characters.")
    return text


def _parse_extra(raw: str) -> Extra:
    pairs = []
    for part in raw.split("&"):
        name, _, value = part.partition("=")
        if name:
            pairs.append((_decode(name), _decode(value)))
    return tuple(pairs)


def _encode_extra(extra: Extra) -> str:
    return "&".join(f"{encode_component(name)}={encode_component(value)}" for name, value in extra)


def _unwrap(text: str) -> str:
    """The addon inside a `web.stremio.com/#/addons?addon=…` link, or the text itself."""
    host, marker, query = text.partition("#/addons?")
    if marker and "stremio.com" in host:
        return parse_qs(query).get("addon", [""])[0]
    return text


def _split(text: str) -> SplitResult:
    if not text or any(character.isspace() or ord(character) < 0x20 for character in text):
        raise InvalidTransportUrl("This is not the address of an addon.")
    if not _SCHEME.match(text):
        text = f"stremio://{text}"
    try:
        split = urlsplit(text)
        split.port  # noqa: B018  reading it is what checks it
    except ValueError as error:
        raise InvalidTransportUrl("This is not the address of an addon.") from error
    if split.scheme not in ("http", "https", "stremio"):
        raise InvalidTransportUrl("An addon's address starts with https://, http:// or stremio://.")
    return split


def _origin(split: SplitResult) -> tuple[str, str]:
    name = split.hostname or ""
    local = _is_local(name)
    if not (local or "." in name or ":" in name or split.port):
        raise InvalidTransportUrl("This address names no host on the internet.")
    scheme = split.scheme
    if scheme == "stremio":
        scheme = "http" if local else "https"
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError as error:
        raise InvalidTransportUrl("This address names no host on the internet.") from error
    host = f"[{name}]" if ":" in name else name
    if split.port and split.port != _DEFAULT_PORTS[scheme]:
        host += f":{split.port}"
    credentials, at, _ = split.netloc.rpartition("@")
    return scheme, f"{credentials}{at}{host}"


def _is_local(host: str) -> bool:
    """Whether the name itself says that the addon runs in the house, where https is rare."""
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
