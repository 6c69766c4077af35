"""What sync holds of a profile's Stremio account, as the pages' tests set it."""

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.contracts.stremio_account import (
    InstalledAddon,
    NewPlan,
    PlanView,
    StremioBackup,
    StremioView,
)


@dataclass
class StremioShelf:
    """`away` is a Stremio that does not answer. `base` is where the hub is reached, as it was told."""

    view: StremioView = field(default_factory=StremioView)
    addons: tuple[InstalledAddon, ...] = ()
    plans: dict[str, PlanView] = field(default_factory=dict)
    backups: tuple[StremioBackup, ...] = ()
    asked: list[NewPlan] = field(default_factory=list)
    away: bool = False
    has_signed_out: bool = False
    base: str = ""
