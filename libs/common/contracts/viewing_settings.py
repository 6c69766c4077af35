"""What may be chosen about how a profile's rows show what was watched."""

from __future__ import annotations

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity


class ViewingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether rows are made with what the profile has watched. Absent members are off.

    `hide_watched` leaves out of rows what was watched to its end; searches still find it. `description` and
    `release_info` write a mark into these texts of players' rows: how far a film or a series was watched, or
    that it was. Names are left alone: they are what players search, sort and remember.
    """

    hide_watched: bool = False
    description: bool = False
    release_info: bool = False

    @property
    def is_on(self) -> bool:
        return self.hide_watched or self.description or self.release_info


PATH = "/api/v1/settings/viewing"


class ViewingSettingsClient:
    """Typed calls about a profile's own settings."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def get(self, identity: Identity, *, deadline: Deadline) -> ViewingSettings:
        return await self._service.call(
            "GET", PATH, identity=identity, deadline=deadline, into=ViewingSettings
        )

    async def put(
        self, identity: Identity, settings: ViewingSettings, *, deadline: Deadline
    ) -> ViewingSettings:
        return await self._service.call(
            "PUT", PATH, identity=identity, deadline=deadline, body=settings, into=ViewingSettings
        )
