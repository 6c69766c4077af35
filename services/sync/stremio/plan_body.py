"""What is kept of a plan and of a backup, sealed: both hold addresses that carry keys."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from libs.common.contracts.stremio_account import PlanLine
from libs.protocols.stremio_api.wire import Descriptor, read_descriptor


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """An addon to take over into Headgate."""

    url: str
    name: str


class PlanBody(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is the list that was looked at; `target` what it is to become, but for a move, where that
    depends on what could be taken. `gone` are addons that leave Headgate, by id, with an undo."""

    stremio_user: str
    own_url: str
    own_prefix: str
    before: tuple[msgspec.Raw, ...]
    target: tuple[msgspec.Raw, ...] = ()
    takes: tuple[Taken, ...] = ()
    gone: tuple[str, ...] = ()
    undoes: str = ""
    lines: tuple[PlanLine, ...] = ()
    from_headgate: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class PlanProgress(msgspec.Struct, frozen=True, kw_only=True):
    """`had`: the addresses that Headgate had before. `added`: the ids of addons by the address they were
    taken from. `writing`: the list at Stremio may have been replaced by `written`."""

    had: frozenset[str] | None = None
    added: dict[str, str] = {}
    writing: bool = False
    written: tuple[msgspec.Raw, ...] = ()


class BackupBody(msgspec.Struct, frozen=True):
    addons: tuple[msgspec.Raw, ...]


def raws_of(addons: Sequence[Descriptor]) -> tuple[msgspec.Raw, ...]:
    return tuple(msgspec.Raw(addon.raw) for addon in addons)


def addons_of(raws: Sequence[msgspec.Raw]) -> list[Descriptor]:
    return [read_descriptor(bytes(raw)) for raw in raws]
