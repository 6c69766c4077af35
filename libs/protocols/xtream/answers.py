"""A panel's answer as it came: the JSON in it, or what it says instead."""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress
from typing import TypeVar

import msgspec

from libs.protocols.xtream.errors import (
    AccountBanned,
    AccountDisabled,
    AccountExpired,
    AnswerUnreadable,
    Blocked,
    CredentialsRefused,
    CutShort,
    EmptyAnswer,
    NotAPanel,
    PanelDown,
    TooManyRequests,
    XtreamError,
)
from libs.protocols.xtream.values import flag, text

OK = 200
MAX_VALUES = 2_000_000
"""In one answer, about: twenty thousand episodes have half of it, and what is made of nothing but brackets
would hold up everybody who reads it."""
_REFUSED, _FORBIDDEN, _MISSING, _TOO_MANY = 401, 403, 404, 429
# Behind a warning that PHP printed before its answer.
JSON_START = re.compile(rb"\[\s*[\[\]{]|\{\s*[\"}]")
_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|title|script)\b", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_BLOCKED = re.compile(rb"block|denied|forbidden|not allowed|banned", re.IGNORECASE)
_WRONG = re.compile(rb"authori[sz]|authent|credential|invalid|login|password|user", re.IGNORECASE)
_BY_STATUS: dict[str, type[AccountBanned | AccountDisabled | AccountExpired]] = {
    "expired": AccountExpired,
    "banned": AccountBanned,
    "disabled": AccountDisabled,
}
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeError, RecursionError)

T = TypeVar("T")


class WireUser(msgspec.Struct, frozen=True):
    """`user_info` as it is sent; without `auth` it says nothing about a login."""

    auth: object = None
    status: object = None
    message: object = None
    exp_date: object = None
    is_trial: object = None
    active_cons: object = None
    created_at: object = None
    max_connections: object = None
    allowed_output_formats: object = None

    @classmethod
    def of(cls, value: object) -> WireUser | None:
        if not isinstance(value, dict) or not {"auth", "status"} & value.keys():
            return None
        return msgspec.convert(value, cls)


class _Refusal(msgspec.Struct, frozen=True):
    user_info: object = None
    error: object = None


def refusal_of_user(user: WireUser) -> XtreamError | None:
    """Why the login is refused, if it is. Some panels let an expired account in and give it nothing."""
    by_status = _BY_STATUS.get(text(user.status).lower())
    if by_status is not None:
        return by_status()
    return CredentialsRefused() if user.auth is not None and not flag(user.auth) else None


def decode(body: bytes, into: type[T]) -> T:
    """The JSON of an answer with status 200. Raises an XtreamError for anything else."""
    found = json_of(body)
    if len(found) > MAX_VALUES and sum(map(found.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise AnswerUnreadable("The panel's answer holds more than can be read.")
    with suppress(*_DECODE_ERRORS):
        return msgspec.json.decode(found, type=into)
    with suppress(*_DECODE_ERRORS):
        return msgspec.json.decode(repaired(found), type=into)
    raise refusal_of(found) or AnswerUnreadable("The panel's answer can't be read.")


def json_of(body: bytes) -> bytes:
    """The body from where its JSON begins. Raises what its words mean where it has none."""
    body = body.removeprefix(codecs.BOM_UTF8).lstrip()
    if body[:1] in (b"[", b"{"):
        return body
    start = None if _PAGE.match(body) else JSON_START.search(body)
    if start is None:
        raise refusal_of_words(body)
    return body[start.start() :]


def refusal_of_words(body: bytes) -> XtreamError:
    """What an answer without JSON means."""
    body = body.removeprefix(codecs.BOM_UTF8).strip()
    if not body:
        return EmptyAnswer()
    if body.startswith(b"<"):
        return NotAPanel("The server sent a web page instead of a panel's answer.")
    if _BLOCKED.search(body[:1000]):
        return Blocked()
    return NotAPanel("The server's answer is not that of an Xtream panel.")


def refusal_of(body: bytes) -> XtreamError | None:
    """What an object means that came instead of what was asked for, if it is a refusal."""
    try:
        said = msgspec.json.decode(body, type=_Refusal)
    except _DECODE_ERRORS:
        return None
    user = WireUser.of(said.user_info)
    if user is not None:
        return refusal_of_user(user)
    words = text(said.error).encode()
    if _BLOCKED.search(words):
        return Blocked()
    return CredentialsRefused() if _WRONG.search(words) else None


def check_document(beginning: bytes) -> None:
    """Raises what a document's first bytes mean if they are neither XML nor packed."""
    bare = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    if bare.startswith(_GZIP) or (bare.startswith(b"<") and not _PAGE.match(bare)):
        return
    raise refusal_of(bare) or refusal_of_words(bare)


def raise_for_status(status: int, body: bytes, *, retry_after_s: float | None = None) -> None:
    """`body` may be the beginning of it. The words of a refusal go before its status."""
    if status == OK:
        return
    if status == _TOO_MANY:
        raise TooManyRequests(retry_after_s=retry_after_s)
    if status not in (_REFUSED, _FORBIDDEN, _MISSING):
        raise PanelDown(status, retry_after_s=retry_after_s)
    said = refusal_of(body)
    if said is not None and (status != _FORBIDDEN or not isinstance(said, CredentialsRefused)):
        raise said
    if status == _REFUSED:
        raise CredentialsRefused
    if status == _FORBIDDEN:
        raise Blocked
    if _is_object(body):  # a panel is there, but not for this user
        raise CredentialsRefused
    raise NotAPanel("There is no Xtream panel at this address, or it doesn't know this account.")


def _is_object(body: bytes) -> bool:
    with suppress(*_DECODE_ERRORS):
        return isinstance(msgspec.json.decode(body), dict)
    return False


def repaired(body: bytes) -> bytes:
    """The JSON again, without what only lenient decoders read: half surrogates, bare line ends, bytes that
    are no UTF-8, and anything behind its end. Raises CutShort for what has no end."""
    try:
        found, _ = _LENIENT.raw_decode(body.decode(errors="replace"))
    except json.JSONDecodeError as error:
        at_the_end = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    except (RecursionError, ValueError):
        at_the_end = False
    else:
        return json.dumps(found, ensure_ascii=False).encode(errors="replace")
    # Outside the handler: the library's error holds the whole text.
    raise CutShort if at_the_end else AnswerUnreadable("The panel's answer can't be read.")


_LENIENT = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
