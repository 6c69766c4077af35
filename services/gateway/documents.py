"""One OpenAPI document for the whole hub: every service's public part and the gateway's own."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from libs.common.clock import Clock
from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError

log = structlog.get_logger(__name__)

Document = dict[str, Any]
"""OpenAPI is an open format: its members are passed through, not modelled."""

WHOLE_S = 300.0
PARTIAL_S = 5.0
"""While a service is away its part is missing; ask again soon."""
REF = "#/components/schemas/"


class Documents:
    """Keeps the merged document for a while; a service that is away is left out, not an error.

    `own` makes the gateway's part, when first asked for.
    """

    def __init__(
        self,
        own: Callable[[], Document],
        services: Iterable[ServiceClient],
        *,
        prefixes: Sequence[str],
        clock: Clock,
    ) -> None:
        self._own = own
        self._services = tuple(services)
        self._prefixes = tuple(prefixes)
        self._clock = clock
        self._merged: Document | None = None
        self._until = float("-inf")

    async def merged(self) -> Document:
        if self._merged is not None and self._clock.monotonic() < self._until:
            return self._merged
        found = {service.name: await self._fetch(service) for service in self._services}
        parts = {name: part for name, part in found.items() if part is not None}
        self._merged = merge(self._own(), parts, self._prefixes)
        kept_s = WHOLE_S if len(parts) == len(found) else PARTIAL_S
        self._until = self._clock.monotonic() + kept_s
        return self._merged

    async def _fetch(self, service: ServiceClient) -> Document | None:
        deadline = Deadline.after(self._clock, 3)
        try:
            return await service.call(
                "GET", "/openapi.json", identity=SERVICE, deadline=deadline, into=Document
            )
        except (HeadgateError, msgspec.DecodeError) as error:
            log.warning("openapi_part_missing", service=service.name, reason=type(error).__name__)
            return None


def merge(own: Document, parts: Mapping[str, Document], prefixes: Sequence[str]) -> Document:
    """`own` with every part's paths below `prefixes`.

    A schema that two services mean differently gets its service's name in front.
    """
    merged = copy.deepcopy(own)
    paths: Document = merged.setdefault("paths", {})
    schemas: Document = merged.setdefault("components", {}).setdefault("schemas", {})
    for name, part in parts.items():
        theirs: Document = part.get("components", {}).get("schemas", {})
        renamed = {
            schema: f"{name.capitalize()}{schema}"
            for schema, body in theirs.items()
            if schema in schemas and schemas[schema] != body
        }
        shown = {path: item for path, item in part.get("paths", {}).items() if _is_below(path, prefixes)}
        for path, item in shown.items():
            paths.setdefault(path, _with_names(item, renamed))
        for schema in _reached(shown, theirs):
            schemas[renamed.get(schema, schema)] = _with_names(theirs[schema], renamed)
    return merged


def _is_below(path: str, prefixes: Sequence[str]) -> bool:
    return any(path == prefix or path.startswith(prefix + "/") for prefix in prefixes)


def _with_names(value: Any, renamed: Mapping[str, str]) -> Any:
    """A copy in which references follow their schemas' new names."""
    if isinstance(value, dict):
        return {key: _new_ref(key, member, renamed) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_names(member, renamed) for member in value]
    return value


def _new_ref(key: str, member: Any, renamed: Mapping[str, str]) -> Any:
    if key == "$ref" and isinstance(member, str) and member.startswith(REF):
        name = member.removeprefix(REF)
        return REF + renamed.get(name, name)
    return _with_names(member, renamed)


def _reached(shown: Document, schemas: Document) -> list[str]:
    """The schemas that the shown paths lead to, directly or through others."""
    reached: dict[str, None] = {}
    waiting: list[Any] = [shown]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix(REF)
            if name in schemas and name not in reached:
                reached[name] = None
                waiting.append(schemas[name])
            waiting.extend(value.values())
    return list(reached)
