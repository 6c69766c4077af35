"""Pure rules of HTTP the gateway applies: addresses, content coding, conditional requests, cache lives."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import msgspec

from libs.common.ratelimit import EXPOSED as EXPOSED_LIMITS

CODINGS = ("zstd", "br", "gzip")
"""Best first: smaller and cheaper at the levels used (measured on catalog JSON)."""

IDENTITY = "identity"
FACE_PREFIX = "/stremio/"
API_PREFIX = "/api/"
PLAY_PREFIX = "/api/v1/library/play/"
"""Whoever signed in plays below it."""
STATIC_PREFIX = "/static/"
IMAGES_PREFIX = STATIC_PREFIX
"""Every image of the hub's own is below it."""
SIGN_IN_PREFIXES = ("/api/v1/auth/", "/api/v1/setup")
"""Here a dead token must not stand in the way of getting a live one, and guesses are counted as such."""
NO_STORE = {"Cache-Control": "no-store"}
EXPOSED = f"{EXPOSED_LIMITS}, Age, X-Headgate-Cache, X-Headgate-Partial, Cache-Status, Proxy-Status"
"""What pages of another origin, which players are, have to be allowed to read."""
_DIRECTIVE = re.compile(r"([a-z-]+)(?:=\"?(\d+)\"?)?", re.IGNORECASE)
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE | re.ASCII)
_HIGH = re.compile(r"%[89a-f]")
_MAX_SECONDS = 31_536_000
_LIVES = frozenset({"cacheMaxAge", "staleRevalidate", "staleError"})


@dataclass(frozen=True, slots=True)
class CacheControl:
    """What an inner service says about an answer's life, in seconds from now on. Saying nothing is not
    storable. `age_s` is how old it is already.
    """

    storable: bool
    fresh_s: int = 0
    stale_s: int = 0
    error_s: int = 0
    age_s: int = 0


def parse_cache_control(value: str, age: str = "") -> CacheControl:
    """s-maxage counts before max-age, since the gateway is a shared cache. `age` is what Age says."""
    found: dict[str, int | None] = {}
    for name, seconds in _DIRECTIVE.findall(value):
        found.setdefault(name.lower(), min(int(seconds), _MAX_SECONDS) if seconds else None)
    fresh_s = found.get("s-maxage")
    if fresh_s is None:
        fresh_s = found.get("max-age")
    if fresh_s is None or "no-store" in found or "no-cache" in found:
        return CacheControl(storable=False)
    age_s = min(int(age), _MAX_SECONDS) if age.isascii() and age.isdecimal() else 0
    return CacheControl(
        storable=True,
        fresh_s=max(0, fresh_s - age_s),
        stale_s=found.get("stale-while-revalidate") or 0,
        error_s=found.get("stale-if-error") or 0,
        age_s=age_s,
    )


def without_lives(body: bytes) -> bytes:
    """A Stremio answer without `cacheMaxAge` and its kin.

    They stand still while the header's lives count down, so that whoever believed them would keep an answer
    past its end. Writing them anew would change the body each second, and with it the entity tag and every
    encoding; and players obey the header only. Without them an answer that is fetched again and says the
    same also has the same tag, and costs a 304.
    """
    if b"cacheMaxAge" not in body:
        return body
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError):
        return body
    return msgspec.json.encode({name: raw for name, raw in members.items() if name not in _LIVES})


def choose_coding(accept_encoding: str, codings: Sequence[str] = CODINGS) -> str:
    """The client's best-liked of `codings`; among equals the first. An absent header means identity."""
    weights = _weights(accept_encoding)
    best, best_weight = IDENTITY, 0.0
    for coding in codings:
        weight = weights.get(coding, weights.get("*", 0.0))
        if coding == "gzip":
            weight = max(weight, weights.get("x-gzip", 0.0))
        if weight > best_weight:
            best, best_weight = coding, weight
    # identity is acceptable unless refused; it wins only where the client says it likes it better.
    return IDENTITY if weights.get(IDENTITY, 0.0) > best_weight else best


def _weights(accept_encoding: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if coding.strip():
            weights[coding.strip()] = weight
    return weights


def matches_etag(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, 8.8.3.2) with a list of tags or `*`."""
    if if_none_match.strip() == "*":
        return True
    wanted = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") == wanted for tag in if_none_match.split(","))


def path_refusal(raw_path: str, *, max_chars: int = 8192) -> str | None:
    """Why a path is refused, or None. Looks at the raw form, since that is what is passed on."""
    if len(raw_path) > max_chars:
        return "The address is too long."
    if raw_path[:1] != "/" or raw_path[1:2] == "/":
        # Another server's address: this hub is nobody's forward proxy.
        return "The address has to begin with one slash."
    path = raw_path.partition("?")[0]
    if "%" not in path and "/." not in path and "\\" not in path:
        return None
    lowered = path.lower()
    if "%00" in lowered or "\x00" in lowered:
        return "The address holds a NUL."
    if _HIGH.search(lowered) and not _is_text(path):
        return "The address holds bytes that are no text."
    plain = lowered.replace("%2e", ".").replace("%2f", "/").replace("%5c", "/").replace("\\", "/")
    return "The address climbs with dot segments." if {".", ".."} & set(plain.split("/")) else None


@lru_cache(maxsize=256)
def is_host(host: str) -> bool:
    """Whether a Host header names a host: what is built from it must not hold anything else."""
    return len(host) <= 255 and _HOST.fullmatch(host) is not None


def _is_text(path: str) -> bool:
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    return True


def split_face_path(raw_path: str) -> tuple[str, str]:
    """`/stremio/{token}/{tail}` → token and tail, both raw, the query left out."""
    token, _, tail = raw_path.partition("?")[0].removeprefix(FACE_PREFIX).partition("/")
    return token, tail
