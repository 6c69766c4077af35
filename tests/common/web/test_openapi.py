"""The OpenAPI document is valid and says what the route table says."""

from __future__ import annotations

from typing import Any

import msgspec
from openapi_spec_validator import OpenAPIV31SpecValidator

from libs.common.errors import Conflict
from libs.common.web.endpoints import Endpoint
from libs.common.web.openapi import openapi_document
from tests.common.web.service import endpoint


class Inner(msgspec.Struct, frozen=True):
    raw: msgspec.Raw
    note: str | None = None


class Thing(msgspec.Struct, frozen=True):
    """A thing."""

    id: str
    inner: list[Inner] = []


class NewThing(msgspec.Struct, frozen=True):
    url: str


class Page(msgspec.Struct, frozen=True):
    limit: int = 50
    types: list[str] = []


class NameTaken(Conflict):
    code = "name_taken"
    title = "The name is taken"


ENDPOINTS = [
    endpoint(path="/api/v1/things", query=Page, response=Thing, access="account"),
    endpoint(
        method="POST",
        path="/api/v1/things",
        request=NewThing,
        response=Thing,
        status=201,
        access="admin",
        errors=(Conflict, NameTaken),
    ),
    endpoint(method="DELETE", path="/api/v1/things/{id:[a-z]{2,4}}", status=204, access="account"),
    endpoint(path="/api/v1/setup"),
    endpoint(path="/internal/things", response=Inner, access="internal"),
    endpoint(path="/page", documented=False),
]


def document(endpoints: list[Endpoint] = ENDPOINTS) -> dict[str, Any]:
    """As a client sees it: encoded and decoded."""
    decoded: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(openapi_document("Things", "1", endpoints))
    )
    return decoded


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_an_empty_route_table_is_valid_too() -> None:
    OpenAPIV31SpecValidator(document([])).validate()


def test_pages_and_internal_addresses_are_left_out() -> None:
    assert list(document()["paths"]) == ["/api/v1/things", "/api/v1/things/{id}", "/api/v1/setup"]


def test_internal_addresses_are_shown_when_asked_for() -> None:
    shown = openapi_document("Things", "1", ENDPOINTS, include_internal=True)
    assert "/internal/things" in shown["paths"]


def test_a_pattern_in_a_path_becomes_a_plain_parameter() -> None:
    operation = document()["paths"]["/api/v1/things/{id}"]["delete"]
    assert operation["parameters"] == [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            "example": "9pLd3hTz",
        }
    ]
    assert "content" not in operation["responses"]["204"]


def test_query_fields_become_parameters_with_their_defaults() -> None:
    parameters = document()["paths"]["/api/v1/things"]["get"]["parameters"]
    assert parameters[0] == {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "default": 50},
    }
    assert parameters[1]["schema"]["type"] == "array"


def test_access_decides_security() -> None:
    paths = document()["paths"]
    security = paths["/api/v1/things"]["get"]["security"]
    assert security == [{"bearerAuth": []}, {"apiKey": []}, {"sessionCookie": []}]
    assert "security" not in paths["/api/v1/setup"]["get"]


def test_errors_of_one_status_are_told_together() -> None:
    responses = document()["paths"]["/api/v1/things"]["post"]["responses"]
    assert responses["409"]["description"] == (
        "That conflicts with what is there (`conflict`); The name is taken (`name_taken`)"
    )
    assert {"201", "401", "403", "409", "413", "415", "422", "429", "503", "default"} == set(responses)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for path in document()["paths"].values() for operation in path.values()]
    assert names == ["get_things", "post_things", "delete_things_id", "get_setup"]
