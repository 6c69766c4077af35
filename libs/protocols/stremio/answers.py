"""Answers to resource requests: exactly one kind of content, and how long it may be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from libs.protocols.stremio.errors import AnswerError
from libs.protocols.stremio.objects import MAX_ITEMS, MAX_METAS, parse_meta
from libs.protocols.stremio.reading import decode, is_html, whole

_CONTENT: Final = {
    "catalog": ("metas", "metasDetailed"),
    "meta": ("meta",),
    "stream": ("streams",),
    "subtitles": ("subtitles",),
    "addon_catalog": ("addons",),
}
_KINDS: Final = frozenset(kind for kinds in _CONTENT.values() for kind in kinds)
MAX_VALUES: Final = 1_000_000
"""In one answer, about: ten thousand titles have half of it, and what is made of nothing but brackets would
hold up everybody who reads it."""
EMPTY_BYTES: Final = 64
"""Of what stands for no title at most: `null`, `{}` and whatever else says nothing."""

_DIRECTIVE = re.compile(r'\s*([^\s=,]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,]*)))?\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class CacheBounds:
    """The most an addon allows, in seconds; None where it says nothing. `stored` False: keep nothing.

    `private`: it is for the one who asked.
    """

    max_age_s: int | None = None
    stale_revalidate_s: int | None = None
    stale_error_s: int | None = None
    stored: bool = True
    private: bool = False

    def at_most(self, fresh_s: float, stale_s: float, error_s: float) -> tuple[float, float, float]:
        """Own wishes cut down to what the addon allows."""
        return (
            _least(fresh_s, self.max_age_s),
            _least(stale_s, self.stale_revalidate_s),
            _least(error_s, self.stale_error_s),
        )


@dataclass(frozen=True, slots=True)
class AddonAnswer:
    """`kind` is the member that was there. `meta` is None when the addon knows no such title.

    `items` are not read yet: hand them to the parser of their kind, which skips the invalid ones.
    """

    kind: str
    items: tuple[msgspec.Raw, ...] = ()
    meta: msgspec.Raw | None = None
    cache: CacheBounds = CacheBounds()

    @property
    def empty(self) -> bool:
        return not self.items and self.meta is None


def parse_answer(resource: str, body: bytes, headers: Mapping[str, str]) -> AddonAnswer:
    """Raises AnswerError when the body is not an object with exactly the content asked for.

    A null list is empty; a meta that is null or `{}` means that there is none.
    """
    members = _members(body)
    kinds = [kind for kind in members if kind in _KINDS]
    if len(kinds) != 1 or kinds[0] not in _CONTENT.get(resource, ()):
        wanted = " or ".join(_CONTENT.get(resource, ("content",)))
        raise AnswerError(f"The addon's answer does not hold exactly {wanted}.", reason="wrong_shape")
    kind, content = kinds[0], members[kinds[0]]
    cache = read_cache_bounds(members, headers)
    if kind == "meta":
        return AddonAnswer(kind, meta=_meta(content), cache=cache)
    try:
        items = msgspec.json.decode(content, type=list[msgspec.Raw] | None)
    except msgspec.DecodeError as error:
        raise AnswerError(f"The addon's {kind} are not a list.", reason="wrong_shape") from error
    most = MAX_METAS if resource == "catalog" else MAX_ITEMS
    return AddonAnswer(kind, items=tuple(items or ())[:most], cache=cache)


def read_cache_bounds(members: Mapping[str, msgspec.Raw], headers: Mapping[str, str]) -> CacheBounds:
    """What body and HTTP headers allow together: the lesser where both speak."""
    http = _http_bounds(headers)
    return CacheBounds(
        max_age_s=_lesser(_number(members.get("cacheMaxAge")), http.max_age_s),
        stale_revalidate_s=_lesser(_number(members.get("staleRevalidate")), http.stale_revalidate_s),
        stale_error_s=_lesser(_number(members.get("staleError")), http.stale_error_s),
        stored=http.stored,
        private=http.private,
    )


def _members(body: bytes) -> dict[str, msgspec.Raw]:
    if len(body) > MAX_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise AnswerError("The addon's answer holds more than can be read.", reason="wrong_shape")
    try:
        return decode(body, dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise AnswerError("The addon's answer is not a JSON object.", reason="wrong_shape") from error
    except RecursionError as error:
        raise AnswerError("The addon's answer is nested too deeply.", reason="wrong_shape") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        if is_html(body):
            raise AnswerError("The addon answered with a web page.", reason="html") from error
        raise AnswerError("The addon did not answer with JSON.", reason="not_json") from error


def _meta(content: msgspec.Raw) -> msgspec.Raw | None:
    try:
        empty = len(bytes(content)) <= EMPTY_BYTES and not msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise AnswerError("The addon's metadata cannot be read.", reason="wrong_shape") from error
    return None if empty else msgspec.Raw(parse_meta(content).raw)


def _number(raw: msgspec.Raw | None) -> int | None:
    if raw is None:
        return None
    try:
        return whole(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _http_bounds(headers: Mapping[str, str]) -> CacheBounds:
    """RFC 9111 and RFC 5861, as a shared cache reads them."""
    control = headers.get("Cache-Control")
    if control is None:
        return CacheBounds(max_age_s=_expires(headers))
    directives = {
        found[1].lower(): found[2] if found[2] is not None else found[3] or ""
        for found in _DIRECTIVE.finditer(control)
    }
    if "no-store" in directives:
        return CacheBounds(0, 0, 0, stored=False)
    age = whole(headers.get("Age")) or 0
    max_age = _directive(directives, "s-maxage", "max-age")
    if "no-cache" in directives:
        max_age = 0
    strict = bool({"must-revalidate", "proxy-revalidate", "no-cache"} & directives.keys())
    return CacheBounds(
        max_age_s=None if max_age is None else max(0, max_age - age),
        stale_revalidate_s=0 if strict else _directive(directives, "stale-while-revalidate"),
        stale_error_s=0 if strict else _directive(directives, "stale-if-error"),
        private=directives.get("private") == "",  # with names it is about these headers only
    )


def _directive(directives: Mapping[str, str], *names: str) -> int | None:
    return next((whole(directives[name]) for name in names if name in directives), None)


def _expires(headers: Mapping[str, str]) -> int | None:
    """Without Cache-Control an Expires header counts, against the sender's own clock."""
    try:
        expires = parsedate_to_datetime(headers["Expires"])
        date = parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        # An Expires that is no date, commonly "0", means that it has passed (RFC 9111, 5.3).
        return 0 if headers.get("Expires") == "0" else None
    if (expires.tzinfo is None) != (date.tzinfo is None):
        return None
    return max(0, int((expires - date).total_seconds()))


def _least(wish: float, bound: int | None) -> float:
    return wish if bound is None else min(wish, float(bound))


def _lesser(first: int | None, second: int | None) -> int | None:
    known = [value for value in (first, second) if value is not None]
    return min(known, default=None)
