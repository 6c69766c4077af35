"""What stands around a page of somebody signed in: the profile in use, the others, and whose menu it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from libs.common.identity import Identity
from libs.common.web.endpoints import ADMIN_ROLES
from services.gateway.pages.draw import tone_of


@dataclass(frozen=True, slots=True)
class ShellProfile:
    id: str
    name: str
    tone: int
    is_present: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """`profiles` is empty when they could not be asked for: the page has no menu of them then."""

    is_admin: bool = False
    profile_id: str = ""
    profiles: tuple[ShellProfile, ...] = ()

    @property
    def profile(self) -> str:
        return next((profile.name for profile in self.profiles if profile.is_present), "")

    @property
    def tone(self) -> int:
        return tone_of(self.profile)


SHELL: web.RequestKey[Shell] = web.RequestKey("shell", Shell)
BARE: Final = Shell()


def is_admin(identity: Identity) -> bool:
    return not ADMIN_ROLES.isdisjoint(identity.roles)


def shell_of(identity: Identity, profiles: Sequence[tuple[str, str]] = ()) -> Shell:
    """`profiles` are pairs of id and name."""
    shown = tuple(
        ShellProfile(id_, name, tone_of(name), id_ == identity.profile_id) for id_, name in profiles
    )
    return Shell(is_admin(identity), identity.profile_id, shown)
