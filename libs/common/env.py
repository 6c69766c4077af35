"""Environment variables read as checked values: one that can't work is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, cast, overload

from libs.common.errors import SettingsError
from libs.common.networks import IPNetwork, parse_network
from libs.common.reports import SettingReport

T = TypeVar("T")
S = TypeVar("S", bound=str)
N = TypeVar("N", int, float)

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_SHOWN_CHARACTERS = 200


class Env(Mapping[str, str]):
    """Reads variables by their full names; `known` remembers them with their defaults, for the docs test.

    An empty variable counts as absent, so that a compose file may pass one on without setting it. An Env made
    from another shares its record: whoever passes one to a service's `from_env` learns what it reads.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.known: dict[str, str] = variables.known if isinstance(variables, Env) else {}
        self._plain: set[str] = variables._plain if isinstance(variables, Env) else set()

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def told(self) -> tuple[SettingReport, ...]:
        """Everything that was read so far. Values of kinds that hold no password are shown, of the others
        whether they are set."""
        return tuple(self._told(name, default) for name, default in sorted(self.known.items()))

    def _told(self, name: str, default: str) -> SettingReport:
        value = self._variables.get(name, "").strip() or default
        shown = value[:_SHOWN_CHARACTERS] if name in self._plain else "set" if value else "not set"
        return SettingReport(name=name, value=shown, is_default=value == default)

    def text(self, name: str, default: str = "") -> str:
        return self._read(name, default, default, lambda text: text, "")

    def integer(
        self, name: str, default: int, *, minimum: int | None = None, maximum: int | None = None
    ) -> int:
        allowed = "a whole number" + _bounds(minimum, maximum)
        return self._plainly(name, default, str(default), _bounded(int, minimum, maximum), allowed)

    def number(
        self, name: str, default: float, *, minimum: float | None = None, maximum: float | None = None
    ) -> float:
        allowed = "a number" + _bounds(minimum, maximum)
        return self._plainly(name, default, f"{default:g}", _bounded(float, minimum, maximum), allowed)

    def seconds(
        self, name: str, default: float, *, minimum: float = 0.0, maximum: float | None = None
    ) -> float:
        allowed = "a number of seconds" + _bounds(minimum, maximum)
        return self._plainly(name, default, f"{default:g}", _bounded(float, minimum, maximum), allowed)

    def flag(self, name: str, default: bool) -> bool:
        return self._plainly(name, default, "true" if default else "false", _flag, "true or false")

    @overload
    def path(self, name: str, default: None) -> Path | None: ...
    @overload
    def path(self, name: str, default: str | Path) -> Path: ...
    def path(self, name: str, default: str | Path | None) -> Path | None:
        fallback = None if default is None else Path(default).expanduser().absolute()
        shown = "" if default is None else str(default)
        return self._plainly(name, fallback, shown, lambda text: Path(text).expanduser().absolute(), "a path")

    def networks(self, name: str, default: str = "") -> tuple[IPNetwork, ...]:
        return self._read(
            name, _networks(default), default, _networks, "addresses or networks like 10.0.0.0/8, by commas"
        )

    def choice(self, name: str, default: S, choices: tuple[str, ...]) -> S:
        return self._plainly(
            name, default, default, _one_of(default, choices), "one of " + ", ".join(choices)
        )

    def parsed(self, name: str, default: str, parse: Callable[[str], T], allowed: str) -> T:
        """What `parse` makes of it, or of the default; it raises ValueError for what isn't `allowed`."""
        return self._read(name, parse(default), default, parse, allowed)

    def rule(self, name: str, default: str, parse: Callable[[str], T], allowed: str) -> T:
        """As `parsed`, for what can't hold a password, such as a rate: it is told to whoever helps."""
        return self._plainly(name, parse(default), default, parse, allowed)

    def _plainly(self, name: str, default: T, shown: str, parse: Callable[[str], T], allowed: str) -> T:
        self._plain.add(name)
        return self._read(name, default, shown, parse, allowed)

    def _read(self, name: str, default: T, shown: str, parse: Callable[[str], T], allowed: str) -> T:
        self.known[name] = shown
        text = self._variables.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            raise SettingsError(f"{name} is set to {text[:80]!r}, but it has to be {allowed}.") from error


def _flag(text: str) -> bool:
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError(text)
    return lowered in _TRUE


def _networks(text: str) -> tuple[IPNetwork, ...]:
    return tuple(parse_network(part.strip()) for part in text.split(",") if part.strip())


def _one_of(_default: S, choices: tuple[str, ...]) -> Callable[[str], S]:
    def parse(text: str) -> S:
        if text.lower() not in choices:
            raise ValueError(text)
        return cast(S, text.lower())

    return parse


def _bounded(kind: Callable[[str], N], minimum: N | None, maximum: N | None) -> Callable[[str], N]:
    def parse(text: str) -> N:
        value = kind(text)
        if not math.isfinite(value):
            raise ValueError(text)
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise ValueError(text)
        return value

    return parse


def _bounds(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum:g} to {maximum:g}"
    if minimum is not None:
        return f" of at least {minimum:g}"
    return "" if maximum is None else f" of at most {maximum:g}"
