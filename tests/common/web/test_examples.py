"""Examples are valid against the schema they are made from, whatever is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import jsonschema
import msgspec
import pytest

from libs.common.web.examples import example_of


class Inner(msgspec.Struct, frozen=True):
    raw: msgspec.Raw
    tags: dict[str, int] = {}


class Everything(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: Annotated[str, msgspec.Meta(min_length=200, max_length=300)]
    username: Annotated[str, msgspec.Meta(max_length=2)]
    role: Literal["x", "member"]
    tier: Literal["gold", "silver"]
    at: datetime
    ended_at: datetime | None
    error: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=10, le=20)] = 15
    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    enabled: bool = False
    inner: tuple[Inner, ...]
    types: list[str]
    nothing: None = None
    maybe: int | str | None = None


def _schema(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    (schema,), components = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    return schema, components


@pytest.mark.parametrize("kind", [Everything, Inner, list[Inner], str, int, None])
def test_an_example_is_valid(kind: Any) -> None:
    schema, components = _schema(kind)
    example = example_of(schema, components)
    jsonschema.validate(example, {**schema, "$defs": components})


def test_a_field_is_shown_by_a_word_of_its_own_where_the_schema_allows_it() -> None:
    example = example_of(*_schema(Everything))
    assert (example["role"], example["tier"], example["username"]) == ("member", "gold", "ad")
    assert example["types"] == ["movie", "series"]
    assert example["error"] is None


def test_examples_named_by_the_type_come_first() -> None:
    schema, components = _schema(Annotated[str, msgspec.Meta(examples=["mine"])])
    assert example_of(schema, components) == "mine"
