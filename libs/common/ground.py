"""What the collaborators of every service stand on, from its start to its end."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from libs.common.clock import Clock
from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.report.reporter import Reporter
from libs.common.settings import CommonSettings
from libs.common.sojourn import Sojourns
from libs.common.status import Status
from libs.common.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Ground:
    """One app's own. When the app ends, `tasks` are stopped first, so that nothing runs any more that uses
    what `stack` closes then, the last opened first."""

    settings: CommonSettings
    clock: Clock
    metrics: Metrics
    health: Health
    status: Status
    sojourns: Sojourns
    reporter: Reporter
    tasks: Tasks = field(default_factory=Tasks)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
