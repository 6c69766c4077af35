"""A file that a form sends: handed on as it comes, never whole in memory nor on a disk of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Final, TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http import HttpProcessingError

from libs.common.contracts.imports import BODY_WITHIN_S, MAX_FILE_BYTES
from libs.common.errors import (
    HeadgateError,
    InvalidInput,
    PayloadTooLarge,
    RequestTimedOut,
    UnsupportedMediaType,
)
from services.gateway.identify import check_csrf

FILE: Final = "file"
PIECE_BYTES: Final = 64 * 1024
AROUND_BYTES: Final = 64 * 1024
"""What a form puts around a file."""
MAX_FIELDS: Final = 5
MAX_FIELD_BYTES: Final = 8 * 1024
_MALFORMED: Final = (ValueError, HttpProcessingError, web.RequestPayloadError)
_UNREADABLE: Final = "The form can't be read. Choose the file once more."
T = TypeVar("T")


class Upload:
    """`fields`: what stood in the form before the file. `refusal` says why it ended too early: that is the
    sender's doing, whoever noticed."""

    def __init__(self, part: BodyPartReader, fields: Mapping[str, str]) -> None:
        self._part = part
        self.fields = fields
        self.refusal: HeadgateError | None = None

    @classmethod
    async def begun(cls, request: web.Request) -> "Upload":
        """At the beginning of its file. Raises Forbidden unless the form came from our own page."""
        if request.content_type != "multipart/form-data":
            raise UnsupportedMediaType("Send the form as a page of this hub sends it.")
        if request.content_length is None:
            raise InvalidInput(_UNREADABLE)
        if request.content_length > MAX_FILE_BYTES + AROUND_BYTES:
            raise _too_large()
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                part, fields = await _file_of(request, await request.multipart())
        except TimeoutError as error:
            raise _too_slow() from error
        except _MALFORMED as error:
            raise InvalidInput(_UNREADABLE) from error
        return cls(part, fields)

    async def told(self, answer: Awaitable[T]) -> T:
        """The answer of whom `pieces` were sent to. Raises what they raise, or `refusal` in its place."""
        try:
            return await answer
        except HeadgateError:
            if self.refusal is not None:
                raise self.refusal from None
            raise

    async def pieces(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                while piece := await self._part.read_chunk(PIECE_BYTES):
                    size += len(piece)
                    if size > MAX_FILE_BYTES:
                        raise _too_large()
                    yield piece
        except HeadgateError as error:
            self.refusal = error
            raise
        except TimeoutError as error:
            self.refusal = _too_slow()
            raise self.refusal from error
        except _MALFORMED as error:
            self.refusal = InvalidInput(_UNREADABLE)
            raise self.refusal from error


async def _file_of(request: web.Request, reader: MultipartReader) -> tuple[BodyPartReader, dict[str, str]]:
    form: dict[str, str] = {}
    for _ in range(MAX_FIELDS):
        part = await reader.next()
        if not isinstance(part, BodyPartReader):
            break
        if part.name == FILE:
            check_csrf(request, form)
            return part, form
        text = await part.read_chunk(MAX_FIELD_BYTES)
        form[part.name or ""] = text.decode(errors="replace")
    check_csrf(request, form)
    raise InvalidInput("Choose a file first.")


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"A file may have {MAX_FILE_BYTES // 1024**2} MB at most. Bring it in parts.")


def _too_slow() -> RequestTimedOut:
    return RequestTimedOut(f"The file did not arrive within {BODY_WITHIN_S:.0f} s.")
