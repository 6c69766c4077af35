"""What somebody asks of a running supervisor."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.cluster.__main__ import obey
from deploy.cluster.control import Asked, Verb
from deploy.cluster.settings import ClusterSettings
from deploy.cluster.supervisor import Cluster
from libs.common.clock import SystemClock
from libs.common.errors import StartupRefused


@pytest.mark.parametrize("verb", ["restart", "stop", "start"])
async def test_a_name_that_is_not_there_is_refused_before_anything_is_done(
    tmp_path: Path, verb: Verb
) -> None:
    settings = ClusterSettings.from_env({"CLUSTER_DATA_DIR": str(tmp_path)})
    cluster = Cluster(settings, clock=SystemClock(), tell=lambda _: None)
    with pytest.raises(StartupRefused, match="There is no catalogue-1 here, and nothing was done"):
        await obey(cluster, Asked(verb, ["catalogue-1"]), lambda _: None)
