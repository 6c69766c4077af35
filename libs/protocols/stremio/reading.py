"""Reading single JSON values as addons write them, and telling a web page from JSON."""

from __future__ import annotations

import codecs
import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

# Escapes are taken one after the other, so that the text `\\\\ud800` (an escaped backslash) is left alone.
_ESCAPE = re.compile(
    rb"\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def decode(body: bytes, type_: type[T]) -> T:
    """Decodes JSON as JavaScript writes it. Raises what msgspec.json.decode raises."""
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        repaired = strict(body)
        if repaired == body:
            raise
        return msgspec.json.decode(repaired, type=type_)


def strict(body: bytes) -> bytes:
    """The JSON that `decode` reads, in the form every decoder reads.

    A text cut in the middle of an emoji holds half a surrogate pair, which JSON.stringify escapes and
    strict decoders refuse: it becomes U+FFFD instead of costing the whole answer.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[2] else found[0], body)


def text(value: object) -> str | None:
    """A text; numbers are tolerated where people write them for years, ratings and ids."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return None


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list, each once, in order; whatever else stands in it is dropped."""
    if not isinstance(value, list):
        return ()
    found = (text(entry) for entry in value)
    return tuple(dict.fromkeys(entry for entry in found if entry is not None))


def whole(value: object) -> int | None:
    """A whole number of at least 0, also when written as text or with a fraction of zero."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= 2**53 else None


def flag(value: object) -> bool:
    """True, also when written as 1 or "true"."""
    return value is True or (value == 1 and not isinstance(value, bool)) or value == "true"


def is_html(body: bytes) -> bool:
    """Whether a body that is not JSON looks like a web page."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<"
