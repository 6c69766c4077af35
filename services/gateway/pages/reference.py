"""The API reference: the hub's OpenAPI document, read into tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from services.gateway.identify import session_identity
from services.gateway.keys import DOCUMENTS
from services.gateway.pages.render import render_page
from services.gateway.pages.shell import SHELL, shell_of

Members = Mapping[str, object]

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    type: str
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    summary: str
    tables: tuple[Table, ...]
    answers: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    calls: tuple[Call, ...]


async def show_reference(request: web.Request) -> web.Response:
    """Open to everybody: it says nothing about this hub that the repository doesn't."""
    document = await request.app[DOCUMENTS].merged()
    identity = await session_identity(request)
    if identity is not None:
        request[SHELL] = shell_of(identity)
    return render_page(request, "docs.html", {"groups": read_groups(document)})


def read_groups(document: Members) -> tuple[Group, ...]:
    """Calls by their first tag, in the document's order."""
    groups: dict[str, list[Call]] = {}
    for path, item in _mapping(document.get("paths")).items():
        for method in METHODS:
            operation = _mapping(_mapping(item).get(method))
            if operation:
                tags = _list(operation.get("tags")) or ["other"]
                call = _call(method, path, operation, document)
                groups.setdefault(str(tags[0]), []).append(call)
    return tuple(Group(_title(name), tuple(calls)) for name, calls in groups.items())


def _call(method: str, path: str, operation: Members, document: Members) -> Call:
    tables = (
        Table("In the address", _parameters(operation)),
        Table("In the body", _members_of(_body(operation), document)),
        Table("In the answer", _members_of(_answer(operation), document)),
    )
    return Call(
        method=method.upper(),
        path=path,
        summary=str(operation.get("summary", "")),
        tables=tuple(table for table in tables if table.lines),
        answers=tuple(
            Line(status, "", str(_mapping(answer).get("description", "")))
            for status, answer in _mapping(operation.get("responses")).items()
        ),
    )


def _parameters(operation: Members) -> tuple[Line, ...]:
    found = [_mapping(parameter) for parameter in _list(operation.get("parameters"))]
    return tuple(
        Line(
            str(parameter.get("name", "")),
            _type_words(_mapping(parameter.get("schema"))),
            str(parameter.get("description", ""))
            or ("needed" if parameter.get("required") else "may be left out"),
        )
        for parameter in found
    )


def _body(operation: Members) -> Members:
    return _schema_in(_mapping(operation.get("requestBody")))


def _answer(operation: Members) -> Members:
    responses = _mapping(operation.get("responses"))
    return next(
        (_schema_in(_mapping(responses[status])) for status in responses if status.startswith("2")), {}
    )


def _schema_in(part: Members) -> Members:
    content = _mapping(part.get("content"))
    return _mapping(_mapping(content.get("application/json")).get("schema"))


def _members_of(schema: Members, document: Members) -> tuple[Line, ...]:
    """An object's members; of a list, those of its items."""
    whole = _resolve(schema, document)
    if "items" in whole and "properties" not in whole:
        whole = _resolve(_mapping(whole.get("items")), document)
    required = _list(whole.get("required"))
    return tuple(
        Line(name, _type_words(_mapping(member)), "" if name in required else "may be left out")
        for name, member in _mapping(whole.get("properties")).items()
    )


def _resolve(schema: Members, document: Members) -> Members:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found: object = document
    for part in reference.removeprefix("#/").split("/"):
        found = _mapping(found).get(part)
    return _mapping(found)


def _type_words(schema: Members) -> str:
    return " or ".join(dict.fromkeys(_types(schema))) or "anything"


def _types(schema: Members) -> Iterator[str]:
    if isinstance(schema.get("$ref"), str):
        yield str(schema["$ref"]).rsplit("/", 1)[-1]
    elif "enum" in schema:
        yield ", ".join(str(value) for value in _list(schema["enum"]))
    elif "anyOf" in schema:
        for choice in _list(schema["anyOf"]):
            yield from _types(_mapping(choice))
    elif schema.get("type") == "array":
        items = _mapping(schema.get("items"))
        yield f"list of {_type_words(items)}" if items else "list"
    elif isinstance(schema.get("type"), str):
        yield str(schema.get("format") or schema["type"])


def _title(tag: str) -> str:
    return tag.replace("_", " ").replace("-", " ").capitalize()


def _mapping(value: object) -> Members:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
