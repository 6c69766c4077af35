"""The OpenAPI 3.1 document, made from the route table and the msgspec types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from libs.common.errors import (
    Forbidden,
    HeadgateError,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from libs.common.web.endpoints import Endpoint
from libs.common.web.examples import example_of
from libs.common.web.problems import CONTENT_TYPE, Problem

REF = "#/components/schemas/{name}"
BEARER, API_KEY, SESSION = "bearerAuth", "apiKey", "sessionCookie"
SECURITY_SCHEMES = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token from /api/v1/auth/login.",
    },
    API_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `hgk_…`, where an access token would stand.",
    },
    SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": "headgate_session",
        "description": "A browser that is signed in; what changes anything also needs X-CSRF-Token.",
    },
}
_PARAMETER = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")


def openapi_document(
    title: str, version: str, endpoints: Sequence[Endpoint], *, include_internal: bool = False
) -> dict[str, Any]:
    """Every documented endpoint that can be reached from outside; internal ones only when asked for."""
    shown = [
        endpoint
        for endpoint in endpoints
        if endpoint.documented and (include_internal or endpoint.access != "internal")
    ]
    schemas = _Schemas(shown)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in shown:
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, path, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


class _Schemas:
    """The schema of each type; structs by reference into `components`."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        types: dict[type, None] = {Problem: None}
        for endpoint in endpoints:
            types.update({kind: None for kind in (endpoint.request, endpoint.response) if kind is not None})
        found, self.components = msgspec.json.schema_components(tuple(types), ref_template=REF)
        self._by_type = dict(zip(types, found, strict=True))

    def of(self, kind: type) -> dict[str, Any]:
        return self._by_type[kind]

    def media(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What stands under a content type: the schema, and an example of it."""
        return {"schema": schema, "example": example_of(schema, self.components)}


def _operation(endpoint: Endpoint, path: str, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint.method, path),
        "summary": endpoint.summary,
        "tags": [_tag(path)],
        "parameters": [
            *_path_parameters(endpoint),
            *_query_parameters(endpoint),
            *_header_parameters(endpoint),
        ],
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.request is not None:
        operation["requestBody"] = {"required": True, "content": _sent(endpoint.request, schemas)}
    if endpoint.access in ("account", "admin"):
        operation["security"] = [{scheme: []} for scheme in SECURITY_SCHEMES]
    return operation


def _sent(kind: type, schemas: _Schemas) -> dict[str, Any]:
    """Bytes are a file, whatever is in it; all else is JSON."""
    if kind is bytes:
        schema = {"type": "string", "format": "binary"}
        return {"application/octet-stream": {"schema": schema, "example": "the file as it is"}}
    return {"application/json": schemas.media(schemas.of(kind))}


def _responses(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done" if endpoint.response is None else "The answer"}
    if endpoint.response is not None:
        answer["content"] = {"application/json": schemas.media(schemas.of(endpoint.response))}
    responses: dict[str, Any] = {str(endpoint.status): answer}
    by_status: dict[int, list[type[HeadgateError]]] = {}
    for error in (*endpoint.errors, *_implied_errors(endpoint)):
        named = by_status.setdefault(error.status, [])
        if all(error.code != other.code for other in named):
            named.append(error)
    problem = {CONTENT_TYPE: {"schema": schemas.of(Problem)}}
    for status in sorted(by_status):
        text = "; ".join(f"{error.title} (`{error.code}`)" for error in by_status[status])
        responses[str(status)] = {"description": text, "content": _problem(problem, by_status[status][0])}
    responses["default"] = {"description": "Any other error", "content": problem}
    return responses


def _problem(problem: dict[str, Any], error: type[HeadgateError]) -> dict[str, Any]:
    shown = Problem(
        type=error.type_uri or f"urn:headgate:problem:{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        request_id="5f0c3b9a7e21-1a",
    )
    return {CONTENT_TYPE: {**problem[CONTENT_TYPE], "example": msgspec.to_builtins(shown)}}


def _implied_errors(endpoint: Endpoint) -> list[type[HeadgateError]]:
    """What the edge and the readers raise by themselves."""
    implied: list[type[HeadgateError]] = [RateLimited, Unavailable]
    if endpoint.access in ("account", "admin"):
        implied.append(Unauthenticated)
        implied.append(Forbidden)
    if _PARAMETER.search(endpoint.path):
        implied.append(NotFound)
    if endpoint.request is not None:
        implied += [InvalidInput, PayloadTooLarge, UnsupportedMediaType]
    elif endpoint.query is not None:
        implied.append(InvalidInput)
    return implied


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            "example": example_of({"type": "string"}, {}, name),
        }
        for name in _PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    (reference,), components = msgspec.json.schema_components((endpoint.query,), ref_template="{name}")
    struct = components[reference["$ref"]]
    required = struct.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in struct["properties"].items()
    ]


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": text,
            "schema": {"type": "string"},
        }
        for name, text in endpoint.headers.items()
    ]


def _operation_id(method: str, path: str) -> str:
    words = re.sub(r"[^a-zA-Z0-9]+", "_", path.removeprefix("/api/v1")).strip("_")
    return f"{method.lower()}_{words}" if words else method.lower()


def _tag(path: str) -> str:
    return path.removeprefix("/api/v1").strip("/").partition("/")[0] or "root"
