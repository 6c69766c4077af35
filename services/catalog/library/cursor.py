"""Places in lists of the library, in a form that callers carry without reading it.

A cursor is where its page ended, not how much was seen: what comes and goes before that place moves nothing
after it. It also says what was asked, so that it goes on with nothing else.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from hashlib import blake2b
from typing import Final

import msgspec

from libs.common.errors import InvalidInput
from services.catalog.library_model import LARGEST_ID
from services.catalog.store.library.scans import Place, Scan, has_unknown

_LARGEST: Final = {"added": 2**63 - 1}
"""Of columns that hold more than 32 bits."""


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    question: str
    known: bool
    values: tuple[str | int, ...]
    id: int


def question_of(*asked: object) -> str:
    """Short and the same for the same question."""
    return blake2b(msgspec.json.encode(asked), digest_size=6).hexdigest()


def cursor_of(question: str, place: Place, *, known: bool) -> str:
    text = msgspec.json.encode(_Cursor(question, known, place.values, place.id))
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def continued(scan: Scan, question: str, cursor: str) -> Scan:
    """The scan from where the cursor's page ended. Raises InvalidInput for another question's cursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True)
        read = msgspec.json.decode(text, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise _refused() from error
    scan = replace(scan, known=read.known, after=Place(read.values, read.id))
    if read.question != question or not _fits(read, scan.columns, knows_none=has_unknown(scan.order)):
        raise _refused()
    return scan


def _fits(read: _Cursor, columns: tuple[str, ...], *, knows_none: bool) -> bool:
    if not (read.known or knows_none) or len(read.values) != len(columns):
        return False
    numbers = [(read.id, LARGEST_ID)]
    for value, column in zip(read.values, columns, strict=True):
        if isinstance(value, str) != (column == "sort"):
            return False
        if not isinstance(value, str):
            numbers.append((value, _LARGEST.get(column, LARGEST_ID)))
    return all(-largest <= number <= largest for number, largest in numbers)


def _refused() -> InvalidInput:
    return InvalidInput("This cursor belongs to another list.", fields={"cursor": "not valid"})
