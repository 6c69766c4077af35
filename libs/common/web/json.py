"""JSON in and out: typed, bounded in size, depth and time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

import msgspec
from aiohttp import web

from libs.common.errors import InvalidInput, PayloadTooLarge, RequestTimedOut, UnsupportedMediaType

T = TypeVar("T")

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32  # ours need 4; the bound stops bodies made to exhaust a parser's stack
BODY_WITHIN_S = (
    15.0  # a phone on a bad line sends 64 KiB in less; a slow-body attack holds a connection longer
)
JSON_HEADERS = {"Content-Type": "application/json"}

_WHOLE_BODY: web.RequestKey[bytes] = web.RequestKey("headgate_whole_body", bytes)
_encode = msgspec.json.Encoder().encode
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_DATE = re.compile(r"\d{4}-\d")
_PLACE = re.compile(r"^(?P<what>.*) - at `(?:\$|key in \$)\.?(?P<where>.*)`$", re.DOTALL)


def json_response(
    value: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """`value` is anything msgspec encodes: structs, `msgspec.Raw`, builtins."""
    return web.Response(
        body=_encode(value), status=status, headers={**JSON_HEADERS, **headers} if headers else JSON_HEADERS
    )


async def read_json(
    request: web.Request, type_: type[T], *, max_bytes: int = MAX_BYTES, within_s: float = BODY_WITHIN_S
) -> T:
    """The body as `type_`. Raises InvalidInput naming the field, PayloadTooLarge, RequestTimedOut."""
    content_type = request.content_type
    if content_type != "application/json" and not content_type.endswith("+json"):
        # Also keeps a form on somebody else's page from posting here with our user's cookie.
        raise UnsupportedMediaType("Send JSON with the header Content-Type: application/json.")
    body = await read_body(request, max_bytes=max_bytes, within_s=within_s)
    check_depth(body)
    try:
        return _decoded(body, type_)
    except msgspec.ValidationError as error:
        raise invalid_input(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON.") from error


def _decoded(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        if "got `float`" not in str(error):
            raise
    # JSON has one kind of number, and JSON Schema calls 60.0 an integer.
    return msgspec.convert(_with_whole_numbers(msgspec.json.decode(body)), type_)


def _with_whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_whole_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


async def read_body(request: web.Request, *, max_bytes: int, within_s: float = BODY_WITHIN_S) -> bytes:
    """The whole body, refused as soon as it is known to be packed, too large or too slow.

    Asked for again, it is the same: what comes first may need it to tell requests apart.
    """
    read: bytes | None = request.get(_WHOLE_BODY)
    if read is not None:
        if len(read) > max_bytes:
            raise _too_large(max_bytes)
        return read
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")
    if request.content_length is not None and request.content_length > max_bytes:
        raise _too_large(max_bytes)
    # Most have arrived before anybody asks, and to get ready to wait costs more than to read them.
    is_here = request.content.is_eof()
    body = request.content.read_nowait() if is_here else await _arriving(request, max_bytes, within_s)
    if len(body) > max_bytes:
        raise _too_large(max_bytes)
    request[_WHOLE_BODY] = body
    return body


async def _arriving(request: web.Request, max_bytes: int, within_s: float) -> bytes:
    """Not much more than `max_bytes` of it."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                chunks.append(chunk)
                if size > max_bytes:
                    break
    except TimeoutError as error:
        raise RequestTimedOut(f"The body did not arrive within {within_s:.0f} s.") from error
    return b"".join(chunks)


def check_depth(body: bytes, max_depth: int = MAX_DEPTH) -> None:
    """Raise InvalidInput when arrays and objects are nested deeper than `max_depth`."""
    if body.count(b"[") + body.count(b"{") <= max_depth:
        return
    depth = 0
    for byte in _STRINGS.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > max_depth:
                raise InvalidInput(f"The body is nested deeper than {max_depth} levels.")
        elif byte in b"]}":
            depth -= 1


def read_query(request: web.Request, type_: type[T]) -> T:
    """The query as the struct `type_`: texts become numbers and flags, a list takes `a,b` or repeats."""
    query = request.query
    values: dict[str, object] = {}
    lists = _list_fields(cast(Hashable, type_))
    for name in query:
        if name in lists:
            values[name] = [part for text in query.getall(name) for part in text.split(",") if part]
        else:
            values[name] = query[name]
    for name in _moments(cast(Hashable, type_)) & values.keys():
        # Texts that become numbers would become moments by that, too.
        if not _DATE.match(str(values[name])):
            raise InvalidInput(f"{name}: Invalid RFC3339 encoded datetime.", fields={name: "not valid"})
    try:
        return msgspec.convert(values, type_, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_input(error) from error


def invalid_input(error: msgspec.ValidationError) -> InvalidInput:
    """What msgspec refused, with the field's path as `errors` in the answer. It names one field only."""
    match = _PLACE.match(str(error))
    if match is None:
        return InvalidInput(f"{error}.")
    where, what = match["where"] or "body", match["what"]
    return InvalidInput(f"{where}: {what}.", fields={where: what})


@lru_cache(maxsize=256)
def _list_fields(type_: Any) -> frozenset[str]:
    fields = msgspec.structs.fields(type_)
    return frozenset(
        field.encode_name for field in fields if _bare_origin(field.type) in (list, tuple, set, frozenset)
    )


@lru_cache(maxsize=256)
def _moments(type_: Any) -> frozenset[str]:
    return frozenset(
        field.encode_name for field in msgspec.structs.fields(type_) if _holds(field.type, datetime)
    )


def _holds(type_: Any, wanted: type) -> bool:
    return type_ is wanted or any(_holds(part, wanted) for part in get_args(type_))


def _bare_origin(type_: Any) -> object:
    origin = get_origin(type_)
    return get_origin(get_args(type_)[0]) if origin is Annotated else origin


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {max_bytes // 1024} KiB.")
