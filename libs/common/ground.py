"""What the collaborators of every service stand on, from its start to its end."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from libs.common.clock import Clock
from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.settings import CommonSettings
from libs.common.sojourn import Sojourns
from libs.common.status import Status


@dataclass(frozen=True, slots=True)
class Ground:
    """One app's own. `stack` closes what was opened, the last first, when the app ends."""

    settings: CommonSettings
    clock: Clock
    metrics: Metrics
    health: Health
    status: Status
    sojourns: Sojourns
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
