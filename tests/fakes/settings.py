"""Settings for tests: a fixed key, so that no test writes a key file."""

from __future__ import annotations

from pathlib import Path

from libs.common.settings import CommonSettings, Env

SECRET = "a-secret-for-tests-that-is-long-enough"


def common_settings(tmp_path: Path, service: str = "auth", **variables: str) -> CommonSettings:
    """What the environment `variables` say, everything else at its default, data below `tmp_path`."""
    environment = {"HEADGATE_DATA_DIR": str(tmp_path), "HEADGATE_SECRET_KEY": SECRET, **variables}
    return CommonSettings.from_env(Env(environment), service=service, default_port=0)
