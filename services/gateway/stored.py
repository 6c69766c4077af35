"""A stored answer on the wire: its head is made once a second, not once a request."""

from email.utils import formatdate
from http import HTTPStatus

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict


def head_of(status: int, headers: CIMultiDict[str], *, second: int) -> bytes:
    """Status line and headers with the date of this second, without the empty line that ends a head."""
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    return (line + _lines(headers) + f"Date: {formatdate(second, usegmt=True)}\r\n").encode()


def may_be_stored(request: web.Request) -> bool:
    """HEAD and HTTP/1.0 have rules of their own, which aiohttp knows."""
    return request.method == "GET" and request.version == HttpVersion11


class StoredResponse(web.StreamResponse):
    """`head` (from `head_of`, with its Content-Length), then what was set in `headers` since, then `body`.

    Sent in one write, and no `on_response_prepare` receiver is asked. aiohttp's way costs about 9 µs more, a
    quarter of a warm answer (measured with wrk, 20 clients). Only for requests that `may_be_stored`.
    """

    def __init__(self, head: bytes, body: bytes, *, status: int = 200) -> None:
        super().__init__(status=status)
        self._head = head
        self._content = body
        self._is_sent = False
        self._closes = False

    @property
    def prepared(self) -> bool:
        return self._is_sent

    @property
    def keep_alive(self) -> bool:
        return not self._closes

    def force_close(self) -> None:
        self._closes = True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if self._is_sent:
            return None
        self._is_sent = True
        if not request.keep_alive:
            self._closes = True
        if self._closes:
            self.headers["Connection"] = "close"
        added = _lines(self.headers).encode()
        await request.writer.write(b"".join((self._head, added, b"\r\n", self._content)))
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything has been written by `prepare`."""


def _lines(headers: CIMultiDict[str]) -> str:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    # A line break inside a value would begin a header, or a body, of somebody else's choice.
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers) or "\0" in lines:
        raise ValueError("a header holds a line break")
    return lines
