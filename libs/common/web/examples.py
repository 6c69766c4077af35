"""Examples for the OpenAPI document, made from the schemas, so that they can't disagree with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]

WORDS: Mapping[str, Any] = {
    "action": "login",
    "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhY2NfMSJ9.c2ln",
    "account_id": "acc_8fKq2mXw",
    "addon_id": "add_3hTz9pLd",
    "addon_name": "Public domain films",
    "address": "https://addon.example/…/manifest.json",
    "client": "Firefox on Linux",
    "code": "not_found",
    "configure_url": "https://addon.example/configure",
    "current_password": "correct horse battery staple",
    "cursor": None,
    "detail": "There is nothing at this address.",
    "error": None,
    "id": "9pLd3hTz",
    "key": "hgk_Zx81mK0qVtY3sRw6",
    "kind": "addons",
    "logo": "https://addon.example/logo.png",
    "m3u_url": "https://hub.example/get.php?username=ada&password=tz8mk2vqy3sr&type=m3u_plus&output=ts",
    "manifest_error": None,
    "name": "Public domain films",
    "network": "203.0.113.0/24",
    "new_password": "a longer staple for the battery",
    "next_cursor": None,
    "password": "correct horse battery staple",
    "prefix": "hgk_Zx81",
    "q": "metropolis",
    "reason": "timed_out",
    "refresh_token": "rt_Qm4vN8xB2kLs7dPz",
    "request_id": "5f0c3b9a7e21-1a",
    "role": "member",
    "roles": ["owner"],
    "status": 404,
    "stremio_url": "https://hub.example/stremio/Zx81mK0qVtY3sRw6/manifest.json",
    "tier": "free",
    "title": "Metropolis",
    "title_id": "tt0017136",
    "token_type": "Bearer",
    "type": "movie",
    "types": ["movie", "series"],
    "url": "https://addon.example/manifest.json",
    "username": "ada",
    "version": "1.4.0",
    "video_id": "tt0017136",
    "xmltv_url": "https://hub.example/xmltv.php?username=ada&password=tz8mk2vqy3sr",
}
"""Better examples than "text" for what fields are called here; used where the schema allows them."""
ANYTHING = {"id": "tt0017136", "type": "movie", "name": "Metropolis"}
"""Where an addon's own object is passed on."""
MOMENT = "2026-11-21T09:00:00Z"


def example_of(schema: Schema, components: Mapping[str, Schema], name: str = "") -> Any:
    """A value that is valid against `schema`; `name` is what the field is called."""
    schema = _resolved(schema, components)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return WORDS[name] if WORDS.get(name) in schema["enum"] else schema["enum"][0]
    if "anyOf" in schema:
        return _of_one(schema["anyOf"], components, name)
    made = _BY_TYPE.get(schema.get("type", ""))
    return made(schema, components, name) if made is not None else ANYTHING


def _resolved(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema


def _of_one(choices: list[Schema], components: Mapping[str, Schema], name: str) -> Any:
    """The first choice that is something, unless nothing is what that field usually holds."""
    some = [choice for choice in choices if choice.get("type") != "null"]
    if len(some) < len(choices) and (not some or (name in WORDS and WORDS[name] is None)):
        return None
    return example_of(some[0], components, name)


def _object(schema: Schema, components: Mapping[str, Schema], name: str) -> dict[str, Any]:
    members = schema.get("properties", {})
    if members:
        return {member: example_of(kind, components, member) for member, kind in members.items()}
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping):
        return {name.rstrip("s") or "name": example_of(values, components)}
    return dict(ANYTHING)


def _array(schema: Schema, components: Mapping[str, Schema], name: str) -> list[Any]:
    if isinstance(WORDS.get(name), list):
        return list(WORDS[name])
    items = schema.get("items")
    return [example_of(items, components, name.removesuffix("s"))] if isinstance(items, Mapping) else []


def _string(schema: Schema, _components: Mapping[str, Schema], name: str) -> str:
    if schema.get("format") == "date-time":
        return MOMENT
    word = WORDS.get(name)
    text = word if isinstance(word, str) else schema.get("default") or name.replace("_", " ") or "text"
    return str(text)[: schema.get("maxLength", 200)].ljust(schema.get("minLength", 0), "x")


def _number(schema: Schema, _components: Mapping[str, Schema], name: str) -> int | float:
    word = WORDS.get(name)
    wanted = word if isinstance(word, int) else schema.get("default", 1)
    number: int | float = min(
        max(wanted if wanted is not None else 1, schema.get("minimum", 0)), schema.get("maximum", 10**9)
    )
    return number


def _flag(schema: Schema, _components: Mapping[str, Schema], _name: str) -> bool:
    return bool(schema.get("default", True))


_BY_TYPE: Mapping[str, Callable[[Schema, Mapping[str, Schema], str], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _flag,
    "null": lambda _schema, _components, _name: None,
}
