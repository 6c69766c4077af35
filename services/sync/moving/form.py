"""What stands in the file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from libs.common.contracts.accounts import Name
from libs.common.contracts.moving import FORMAT, Scalar
from services.sync.moving.archive import Member
from services.sync.moving.sealing import Means


class FileRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`credentials`: left out of a file without a passphrase, or sealed in `sealed`."""

    row: dict[str, Scalar]
    credentials: Literal["left_out", "sealed", ""] = ""
    sealed: str = ""


class ProfileRow(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    name: Name


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`members` are what is in the file beside this, in lines of JSON."""

    headgate_export: int = FORMAT
    made_at: datetime
    credentials: Literal["left_out", "sealed"]
    sealing: Means | None
    profiles: tuple[ProfileRow, ...]
    members: tuple[Member, ...]
